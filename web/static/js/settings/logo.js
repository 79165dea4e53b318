// @ts-check
/** A showroom's logo: uploaded, removed, and judged on the light and the dark ground of its pages. */
import { byId, postPicture, say, show } from '../dom.js';
import { refusal, t } from '../words.js';
import { contrast, hex, lookOf } from './contrast.js';

/** What a drawing needs to be seen (WCAG 2.2, 1.4.11). */
const SEEN = 3;
/** Its colours are judged as small as this, in pixels. */
const SIDE = 64;

/** Let a file become the path in the field, which is saved with the other fields. */
export function setUpLogo(/** @type {HTMLFormElement} */ form) {
  const file = byId('logo-file', HTMLInputElement);
  file.addEventListener('change', async (event) => {
    event.stopPropagation();
    const chosen = file.files?.[0];
    if (!chosen) return;
    tell('', '');
    const { showroom } = JSON.parse(byId('config').textContent ?? '');
    const query = new URLSearchParams({ showroom });
    const answer = await postPicture(`/manager/showroom/logo?${query}`, chosen);
    file.value = '';
    if (answer.ok) put(answer.path);
    tell(answer.ok ? t('settings.logo.uploaded') : '', answer.ok ? '' : refused(answer));
  });
  byId('logo-remove').addEventListener('click', () => {
    put('');
    tell(t('settings.logo.removed'), '');
    file.focus();
  });
  form.addEventListener('loaded', () => tell('', ''));
}

/** Say where the logo can hardly be seen. @param {boolean} there whether there is one */
export function judgeLogo(there) {
  const logo = byId('look-logo', HTMLImageElement);
  const dark = byId('look-logo-dark', HTMLImageElement);
  if (there && dark.getAttribute('src') !== logo.getAttribute('src')) dark.src = logo.src;
  show(byId('look-dark'), there);
  const look = there ? lookOf(pixelsOf(logo)) : null;
  const unseen = ['light', 'dark'].filter((ground) => {
    return look?.clear && contrast(look.colour, groundOf(byId(`look-${ground}`))) < SEEN;
  });
  say(byId('look-logo-line'), unseen.length ? t(`settings.logo.unseen.${unseen.join('_')}`) : '');
}

/** The ground of an element, in whatever way its style says it. */
function groundOf(/** @type {HTMLElement} */ element) {
  const pen = penOf(1);
  if (!pen) return '#ffffff';
  pen.fillStyle = getComputedStyle(element).backgroundColor;
  pen.fillRect(0, 0, 1, 1);
  return hex([...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]);
}

function pixelsOf(/** @type {HTMLImageElement} */ picture) {
  const pen = penOf(SIDE);
  pen?.drawImage(picture, 0, 0, SIDE, SIDE);
  return pen?.getImageData(0, 0, SIDE, SIDE).data ?? [];
}

function penOf(/** @type {number} */ side) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  return canvas.getContext('2d', { willReadFrequently: true });
}

function put(/** @type {string} */ path) {
  const field = byId('brand.logo', HTMLInputElement);
  field.value = path;
  for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
}

function refused(/** @type {any} */ answer) {
  return answer.why ? t(`settings.logo.${answer.why}`) : refusal(answer);
}

function tell(/** @type {string} */ said, /** @type {string} */ wrong) {
  say(byId('logo-said'), said);
  say(byId('logo-error'), wrong);
}
