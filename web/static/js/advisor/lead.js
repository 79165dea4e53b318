// @ts-check
/**
 * The lead's sheet beside the picture, and after the call below its outcome: one form, which moves
 * with the advisor, saves itself, and becomes a lead by a tap or with the outcome.
 */
import { byId, get, post, say, show } from '../dom.js';
import { Draft } from '../lead/draft.js';
import { SheetForm } from '../lead/form.js';
import { drawReasons, isQualified } from '../lead/verdict.js';
import { refusal, t } from '../words.js';
import { recall, remember } from './memory.js';

const AGAIN_AFTER_MS = 3000;

/** @typedef {import('../wire').AdvisorCall} AdvisorCall */
/** @typedef {import('../lead/lead').Sheet} Sheet */
/** @typedef {Record<string, Record<string, string>>} Texts by language and purpose */

export class LeadSheet {
  #call = '';
  #from = 0;
  #loader = 0;
  /** A sheet of nobody's yet can be filled in, but an unknown one can't. */
  #known = false;
  #form;
  #draft;

  /** @param {any} config the page's data block */
  constructor(config) {
    this.config = config;
    this.#form = new SheetForm(config, () => this.#typed());
    this.#draft = new Draft((version, sheet) => this.#save('sheet', version, sheet), {
      state: (state, answer) => this.#tell(state, answer),
      joined: (sheet, foreign) => this.#form.show(sheet, foreign),
    });
    const { form } = this.#form;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#makeLead();
    });
    form.addEventListener('focusout', () => this.flush());
    form.addEventListener('focusin', (event) => keepInSight(event.target));
    addEventListener('pagehide', () => this.flush());
    addEventListener('visibilitychange', () => document.hidden && this.flush());
    visualViewport?.addEventListener('resize', () => keepInSight(document.activeElement));
  }

  /** Go on with the sheet of a call, at this place of the page. @param {AdvisorCall} call */
  follow(call, /** @type {'live' | 'wrap'} */ place) {
    const home = byId(`lead-${place}`);
    if (this.#form.form.parentElement !== home) home.append(this.#form.form);
    this.#form.offer(carsOf(call));
    if (call.call === this.#call) return;
    this.leave();
    this.#call = call.call;
    this.#readAloud(call.language);
    this.#load();
  }

  /** The call is over for this page. */
  leave() {
    this.#draft.flush();
    this.#draft.stop();
    this.#call = '';
    clearTimeout(this.#loader);
    this.#setKnown(false);
  }

  /** Save what is not saved yet. @returns {Promise<boolean>} whether nothing is left to save */
  flush() {
    return this.#known ? this.#draft.flush() : Promise.resolve(true);
  }

  async #load() {
    const call = this.#call;
    const answer = await get(this.#url('sheet'));
    if (call !== this.#call) return;
    if (!answer.ok) {
      say(byId('lead-state'), refusal(answer));
      if (answer.code === 'no_answer' || answer.code === 'try_again') {
        this.#loader = setTimeout(() => this.#load(), AGAIN_AFTER_MS);
      }
      return;
    }
    this.#from = answer.qualified_from;
    this.#form.know(answer.consents);
    this.#setKnown(true);
    this.#draft.begin(answer.version, answer.sheet, recall(call).sheet);
    this.#judge(answer);
  }

  #typed() {
    this.#draft.change(this.#form.read());
    remember(this.#call, { sheet: this.#draft.open });
  }

  async #save(/** @type {string} */ what, /** @type {number} */ version, /** @type {Sheet} */ sheet) {
    return await post(this.#url(what), { version, sheet }, true);
  }

  /** The tap on 'Save lead'. */
  async #makeLead() {
    const call = this.#call;
    if (!this.#known || this.#form.form.getAttribute('aria-busy') === 'true') return;
    this.#form.form.setAttribute('aria-busy', 'true');
    this.#complain('');
    this.#form.complain({});
    await this.#draft.flush();
    let [sheet, answer] = await this.#askForLead();
    if (answer.code === 'conflict' && answer.sheet && call === this.#call) {
      this.#draft.join(answer.version, answer.sheet);
      [sheet, answer] = await this.#askForLead();
    }
    this.#form.form.removeAttribute('aria-busy');
    if (call !== this.#call) return;
    if (answer.ok) {
      this.#draft.took(answer.version, sheet);
      this.#form.complain(answer.problems ?? {});
      this.#judge(answer);
      say(byId('lead-state'), t('lead.made'));
    } else if (answer.field) this.#form.complain({ [answer.field]: answer.message ?? '' });
    else this.#complain(refusal(answer));
  }

  /** @returns {Promise<[Sheet, any]>} what was sent, and the answer */
  async #askForLead() {
    const sheet = this.#form.read();
    return [sheet, await this.#save('sheet/lead', this.#draft.version, sheet)];
  }

  #tell(/** @type {import('../lead/draft.js').DraftState} */ state, /** @type {any} */ answer) {
    if (state === 'saved') remember(this.#call, { sheet: null });
    const failed = state === 'failed' && answer;
    say(byId('lead-state'), failed ? refusal(answer) : state && t(`lead.state.${state}`));
    byId('lead-state').dataset.state = state;
    if (answer?.ok) this.#judge(answer);
  }

  /** Show what the lead is worth: the one that was made, or that which this sheet would become. */
  #judge(/** @type {any} */ { lead, verdict, agreed }) {
    if (agreed) this.#form.date(agreed);
    /** @type {import('../lead/lead').Verdict | undefined} */
    const found = verdict ?? lead;
    if (!found) return;
    show(byId('lead-verdict'), true);
    const word = isQualified(found, this.#from) ? 'qualified' : 'follow_up';
    byId('lead-verdict').dataset.word = word;
    say(byId('lead-word'), t(`lead.${word}`));
    say(byId('lead-points'), t('lead.points', { n: found.score, from: this.#from }));
    drawReasons(byId('lead-reasons'), found.reasons);
  }

  /** The texts that the customer agrees to, in their own language. */
  #readAloud(/** @type {string} */ language) {
    /** @type {Texts} */
    const texts = this.config.consents;
    const spoken = language in texts ? language : (Object.keys(texts)[0] ?? '');
    for (const [purpose, text] of Object.entries(texts[spoken] ?? {})) {
      const place = byId(`lead-consent-${purpose}-text`);
      place.lang = spoken;
      say(place, text);
    }
  }

  #setKnown(/** @type {boolean} */ known) {
    this.#known = known;
    byId('lead-fields', HTMLFieldSetElement).disabled = !known;
  }

  #complain(/** @type {string} */ text) {
    say(byId('lead-error'), text);
    show(byId('lead-error'), Boolean(text));
  }

  #url(/** @type {string} */ what) {
    const query = new URLSearchParams({ showroom: this.config.showroom });
    return `/advisor/calls/${encodeURIComponent(this.#call)}/${what}?${query}`;
  }
}

/** The cars that the call was about so far, each once. @returns {string[]} */
function carsOf(/** @type {AdvisorCall} */ call) {
  const cars = [call.vehicle, ...call.log.map((entry) => entry.vehicle)];
  return [...new Set(cars.flatMap((car) => (car ? [car.id] : [])))];
}

/** What is typed in must stand above the keyboard, which some browsers lay over the page. */
function keepInSight(/** @type {EventTarget | null} */ field) {
  const keyboard = visualViewport ? innerHeight - visualViewport.height - visualViewport.offsetTop : 0;
  document.documentElement.style.setProperty('--keyboard', `${Math.max(0, Math.round(keyboard))}px`);
  if (keyboard > 0 && field instanceof HTMLElement && field.closest('#lead')) {
    field.scrollIntoView({ block: 'center' });
  }
}
