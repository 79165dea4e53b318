// @ts-check
/** How a showroom's name, colours and texts will look, while they are typed. */
import { byId, part, pictureUrl, say, show } from '../dom.js';
import { languageName, locale, t } from '../words.js';
import { ENOUGH, contrast } from './contrast.js';
import { judgeLogo, setUpLogo } from './logo.js';

const COLOUR = /^#[0-9a-f]{6}$/i;
const COLOURS = ['accent', 'accent_ink', 'ink', 'paper'];

/** Let each colour's picker and field say the same, and show all four together. */
export function setUpLook() {
  const form = byId('brand', HTMLFormElement);
  for (const name of COLOURS) {
    const field = byId(`brand.${name}`, HTMLInputElement);
    const picker = part(/** @type {HTMLElement} */ (field.parentElement), 'picker', HTMLInputElement);
    picker.addEventListener('input', (event) => {
      field.value = picker.value;
      event.stopPropagation();
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    form.addEventListener('followed', () => {
      if (COLOUR.test(field.value)) picker.value = field.value.toLowerCase();
    });
  }
  form.addEventListener('followed', draw);
  const logo = byId('look-logo', HTMLImageElement);
  logo.addEventListener('load', () => showLogo(true));
  setUpLogo(form);
  logo.addEventListener('error', () => showLogo(false));
  // Not at every letter: half a path is no picture.
  form.addEventListener('change', loadLogo);
  form.addEventListener('loaded', loadLogo);
}

function loadLogo() {
  const path = byId('brand.logo', HTMLInputElement).value.trim();
  if (path) byId('look-logo', HTMLImageElement).src = pictureUrl(path);
  else showLogo(false);
  show(byId('logo-remove'), Boolean(path));
}

/** A logo stands in the place of the name, as on every page. */
function showLogo(/** @type {boolean} */ there) {
  show(byId('look-logo'), there);
  show(byId('look-name'), !there);
  judgeLogo(there);
}

function draw() {
  const look = byId('main');
  const colours = COLOURS.map((name) => byId(`brand.${name}`, HTMLInputElement).value);
  COLOURS.forEach((name, n) => {
    const colour = colours[n] ?? '';
    if (COLOUR.test(colour)) look.style.setProperty(`--look-${name.replace('_', '-')}`, colour);
  });
  say(byId('look-name'), byId('brand.name', HTMLInputElement).value);
  const [accent = '', accentInk = '', ink = '', paper = ''] = colours;
  judge('accent', accentInk, accent);
  judge('paper', ink, paper);
  judgeLogo(!byId('look-logo').hidden);
}

/** @param {'accent' | 'paper'} what @param {string} ink @param {string} ground */
function judge(what, ink, ground) {
  const line = byId(`look-${what}`);
  if (!COLOUR.test(ink) || !COLOUR.test(ground)) return say(line, '');
  const ratio = contrast(ink, ground);
  const enough = ratio >= ENOUGH;
  const shown = ratio.toLocaleString(locale, { maximumFractionDigits: 1 });
  line.classList.toggle('look__bad', !enough);
  say(line, t(`settings.contrast.${what}.${enough ? 'good' : 'bad'}`, { ratio: shown }));
}

/** Show each language's texts as customers read them, the house's own where there are none. */
export function setUpTexts(/** @type {Record<string, Record<string, string>>} */ usual) {
  const form = byId('texts', HTMLFormElement);
  const tongues = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('[data-language]'));
  for (const tongue of tongues) {
    const language = tongue.dataset.language ?? '';
    say(part(tongue, 'name'), languageName(language));
    for (const name of ['headline', 'lead', 'closed']) {
      const field = /** @type {HTMLInputElement} */ (document.getElementById(`texts.${name}.${language}`));
      field.placeholder = name === 'closed' ? '' : (usual[language]?.[name] ?? '');
      form.addEventListener('followed', () => {
        const text = field.value.trim() || field.placeholder;
        say(part(tongue, name), text);
        show(part(tongue, name), Boolean(text));
      });
    }
  }
}

/** Name the languages of the lines for the chat, and show which ones there are without any. */
export function setUpCanned(/** @type {Record<string, {canned: string[]}>} */ usual) {
  for (const area of byId('canned').querySelectorAll('textarea')) {
    const language = area.id.split('.')[1] ?? '';
    const label = area.labels[0];
    if (label) say(label, languageName(language));
    area.placeholder = (usual[language]?.canned ?? []).join('\n');
  }
}
