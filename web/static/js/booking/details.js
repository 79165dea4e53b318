// @ts-check
/** The form: what it says, what is missing, and what came back. */
import { byId, part, post, say, show } from '../dom.js';
import { refusal, t } from '../words.js';

const FIELDS = ['name', 'email', 'phone', 'wish'];
/** What a customer can mend, by the field that the server names. */
const MENDABLE = new Set(['name', 'email', 'phone', 'contact', 'consent']);

export class Details {
  #form = byId('details', HTMLFormElement);
  #button = byId('confirm', HTMLButtonElement);
  #send;

  /**
   * @param {Record<string, string>} typed what stood there before a reload
   * @param {(typed: Record<string, string>) => void} keep called with every change
   * @param {(fields: Record<string, string | null>) => Promise<void>} send
   */
  constructor(typed, keep, send) {
    this.#send = send;
    this.#fill(typed);
    this.#form.addEventListener('input', () => keep(this.#typed()));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  async #submit() {
    if (this.#button.disabled) return; // Enter, while the first sending is on its way
    const typed = this.#typed();
    const wrong = missing(typed, this.#input('email').validity.valid);
    this.complain(wrong && t(`book.missing.${wrong}`), wrong);
    if (wrong) return;
    const { name = '', email = '', phone = '', wish = '' } = typed;
    await this.#send({ name, email: email || null, phone: phone || null, wish });
  }

  /** While an answer is on its way the form can't be sent. */
  busy(/** @type {boolean} */ busy) {
    this.#button.disabled = busy;
    this.#form.setAttribute('aria-busy', String(busy));
  }

  /** Say what is wrong, and put the cursor into the field that is. */
  complain(/** @type {string} */ text, field = '') {
    const place = byId('details-error');
    say(part(place, 'text'), text);
    show(place, Boolean(text));
    const first = field === 'contact' ? 'email' : field;
    for (const name of ['name', 'email', 'phone', 'consent']) {
      const wrong = name === field || (field === 'contact' && name !== 'name' && name !== 'consent');
      this.#input(name).setAttribute('aria-invalid', String(wrong));
      if (name === first) this.#input(name).focus();
    }
  }

  /** Say why the server refused. @param {{code: string, field?: string}} answer */
  refused(answer) {
    const field = answer.field ?? '';
    if (answer.code === 'bad_request' && MENDABLE.has(field)) {
      this.complain(t(`book.wrong.${field}`), field);
    } else this.complain(refusal(answer));
  }

  clear() {
    this.#form.reset();
    this.complain('');
  }

  #input(/** @type {string} */ name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }

  /** @returns {Record<string, string>} */
  #typed() {
    const typed = Object.fromEntries(FIELDS.map((name) => [name, this.#input(name).value.trim()]));
    return { ...typed, consent: this.#input('consent').checked ? 'yes' : '' };
  }

  #fill(/** @type {Record<string, string>} */ typed) {
    for (const name of FIELDS) this.#input(name).value = typed[name] ?? '';
    this.#input('consent').checked = Boolean(typed.consent);
  }
}

/** The first field that is missing or plainly wrong; empty if none is. */
function missing(/** @type {Record<string, string>} */ typed, /** @type {boolean} */ mail) {
  if (!typed.name) return 'name';
  if (!typed.email && !typed.phone) return 'contact';
  if (typed.email && !mail) return 'email';
  if (typed.phone && typed.phone.replace(/\D/g, '').length < 4) return 'phone';
  return typed.consent ? '' : 'consent';
}

/** Give a hold back, without waiting for the answer: it lapses by itself too. */
export function release(/** @type {string} */ token) {
  post(`/v/${token}/release`, {});
}
