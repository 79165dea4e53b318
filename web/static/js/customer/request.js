// @ts-check
/** The customer's forms: a brochure, a test drive or an offer, asked for without a call. */
import { byId, post, say, sayProblems, show } from '../dom.js';
import { DealerPicker } from '../lead/dealers.js';
import { refusal, t } from '../words.js';

/** @typedef {'brochure' | 'test-drive' | 'offer'} Kind */
/** @typedef {{name: string, email: string, phone: string, consent: boolean}} Typed */

/** What a customer can mend, by the field that the server names. */
const MENDABLE = new Set(['name', 'email', 'phone', 'postcode', 'message']);
const SHORTEST_NUMBER = 4;

/**
 * The first field that is missing or plainly wrong; empty if none is.
 *
 * @param {Typed} typed
 * @param {boolean} mail whether the address looks like one
 */
export function missing({ name, email, phone, consent }, mail) {
  if (!name) return 'name';
  if (!email && !phone) return 'contact';
  if (email && !mail) return 'email';
  if (phone && phone.replace(/\D/g, '').length < SHORTEST_NUMBER) return 'phone';
  return consent ? '' : 'consent';
}

export class RequestSheet {
  #dialog = byId('request', HTMLDialogElement);
  #form = byId('request-form', HTMLFormElement);
  #dealers;
  /** @type {Kind} */
  #kind = 'brochure';

  /**
   * @param {{showroom: string, language: string, requests: Record<string, string>}} config the
   *   page's data block; `requests` are the versions of the texts that are agreed to, by purpose
   * @param {() => string | null} chosen the vehicle that the visitor looks at
   */
  constructor(config, chosen) {
    this.config = config;
    this.#dealers = new DealerPicker('request-dealers', config.showroom, () => {});
    for (const button of document.querySelectorAll('[data-request]')) {
      const kind = /** @type {Kind} */ (/** @type {HTMLElement} */ (button).dataset.request);
      button.addEventListener('click', () => this.#open(kind, chosen()));
    }
    const postcode = this.#field('postcode');
    postcode.addEventListener('input', () => this.#dealers.near(postcode.value));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  /** What was typed for one form is there for the next. @param {Kind} kind @param {string | null} vehicle */
  #open(kind, vehicle) {
    this.#kind = kind;
    say(byId('request-title'), t(`request.${kind}.title`));
    say(byId('request-text'), t(`request.${kind}.text`));
    if (vehicle) this.#field('vehicle').value = vehicle;
    show(byId('request-asks'), true);
    show(byId('request-done'), false);
    this.#complain('');
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  async #send() {
    if (this.#form.getAttribute('aria-busy') === 'true') return; // the second tap of an impatient thumb
    const value = (/** @type {string} */ name) => this.#field(name).value.trim();
    const typed = { name: value('name'), email: value('email'), phone: value('phone') };
    const consent = this.#field('consent').checked;
    const wrong = missing({ ...typed, consent }, this.#field('email').validity.valid);
    this.#complain(wrong && t(`request.missing.${wrong}`), wrong);
    if (wrong) return;
    this.#form.setAttribute('aria-busy', 'true');
    const answer = await post(`/s/${this.config.showroom}/requests`, {
      kind: this.#kind,
      name: typed.name,
      email: typed.email || null,
      phone: typed.phone || null,
      postcode: value('postcode') || null,
      language: this.config.language,
      vehicle: value('vehicle') || null,
      dealer: this.#dealers.code || null,
      message: value('message'),
      consents: this.#agreed(),
    });
    this.#form.removeAttribute('aria-busy');
    if (answer.ok) this.#thank(typed.name);
    else this.#refused(answer);
  }

  #agreed() {
    const purposes = ['contact', ...(this.#field('marketing').checked ? ['marketing'] : [])];
    return purposes.map((purpose) => ({ purpose, version: this.config.requests[purpose] }));
  }

  #refused(/** @type {{code: string, field?: string}} */ answer) {
    const field = answer.field ?? '';
    if (answer.code !== 'bad_request') this.#complain(refusal(answer));
    else if (MENDABLE.has(field)) this.#complain(t(`request.wrong.${field}`), field);
    else if (field === 'contact' || field === 'consent') {
      this.#complain(t(`request.missing.${field}`), field);
    } else this.#complain(refusal(answer));
  }

  #thank(/** @type {string} */ name) {
    say(byId('request-thanks'), t('request.done', { name }));
    say(byId('request-next'), t(`request.done.${this.#kind}`));
    this.#field('message').value = '';
    show(byId('request-asks'), false);
    show(byId('request-done'), true);
    byId('request-thanks').focus();
  }

  /** Say what is wrong where it stands, and put the cursor there. */
  #complain(/** @type {string} */ text, field = '') {
    sayProblems(this.#form, field ? { [field]: text } : {});
    const place = byId('request-error');
    say(place, field ? '' : text);
    show(place, Boolean(text && !field));
    if (field === 'contact') {
      for (const name of ['email', 'phone']) this.#field(name).setAttribute('aria-invalid', 'true');
    }
    if (field) this.#field(field === 'contact' ? 'email' : field).focus();
  }

  #field(/** @type {string} */ name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }
}
