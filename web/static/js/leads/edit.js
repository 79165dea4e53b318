// @ts-check
/** Correcting what a lead says of somebody: who they are, who takes care, and what they want. */
import { byId, get, post, say, show } from '../dom.js';
import { DealerPicker } from '../lead/dealers.js';
import { merge, same } from '../lead/merge.js';
import { complain } from '../lead/problems.js';
import { refusal, t } from '../words.js';

/** @typedef {import('../lead/lead').Lead} Lead */
/** @typedef {import('../lead/lead').Known} Known */
/** @typedef {Pick<import('../lead/lead').Sheet, 'name' | 'phone' | 'email' | 'postcode' | 'dealer' | 'wishes' | 'horizon'>} Fields */

const LINES = /** @type {const} */ (['name', 'phone', 'email', 'postcode', 'horizon']);

export class Edit {
  #form = byId('edit', HTMLFormElement);
  #part = byId('edit-part', HTMLDetailsElement);
  #dealers;
  /** @type {Lead | null} */
  #lead = null;
  /** What the form began with, and the version of the lead that had it. @type {Fields | null} */
  #base = null;
  #version = 0;

  /**
   * @param {{base: string, showroom: string}} desk
   * @param {(lead: string, known: Known) => void} learn called with what has become of a lead
   */
  constructor(desk, learn) {
    this.desk = desk;
    this.learn = learn;
    this.#dealers = new DealerPicker('edit-dealers', desk.showroom, () => {});
    const postcode = byId('edit-postcode', HTMLInputElement);
    postcode.addEventListener('input', () => this.#dealers.near(postcode.value));
    this.#part.addEventListener('toggle', () => this.#refresh());
    byId('edit-not').addEventListener('click', () => this.#close());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  /** Offer it for a lead as it is by now; what is being typed stays. */
  offer(/** @type {Lead} */ lead) {
    if (lead.id !== this.#lead?.id) {
      this.#base = null;
      this.#part.open = false;
      say(byId('edit-done'), '');
    }
    this.#lead = lead;
    show(this.#part, !lead.masked);
    this.#refresh();
  }

  #refresh() {
    const typed = this.#base && !same(this.#base, this.#read());
    if (!this.#lead || !this.#part.open || typed) return;
    this.#begin(this.#lead, fieldsOf(this.#lead));
  }

  /** Show these fields, to replace what the lead has. @param {Lead} lead @param {Fields} fields */
  #begin(lead, fields) {
    this.#base = fieldsOf(lead);
    this.#version = lead.version;
    for (const name of LINES) this.#field(name).value = fields[name];
    for (const box of this.#wishes) box.checked = fields.wishes.some((wish) => wish === box.value);
    this.#dealers.set(fields.dealer, fields.postcode);
    complain(this.#form, {});
    this.#complain('');
  }

  /** @returns {Fields} */
  #read() {
    const lines = Object.fromEntries(LINES.map((name) => [name, this.#field(name).value.trim()]));
    const wishes = this.#wishes.filter((box) => box.checked).map((box) => box.value);
    return /** @type {any} */ ({ ...lines, dealer: this.#dealers.code, wishes: wishes.sort() });
  }

  /** @returns {Promise<void>} */
  async #save() {
    const [lead, base, mine] = [this.#lead, this.#base, this.#read()];
    if (!lead || !base || this.#form.getAttribute('aria-busy') === 'true') return;
    const fields = Object.fromEntries(
      Object.entries(mine).filter(([name, value]) => !same(value, base[/** @type {keyof Fields} */ (name)])),
    );
    if (Object.keys(fields).length === 0) return this.#close();
    this.#form.setAttribute('aria-busy', 'true');
    const answer = await post(this.#url(lead, '/fields'), { version: this.#version, fields });
    this.#form.removeAttribute('aria-busy');
    if (lead.id !== this.#lead?.id) return;
    if (answer.code === 'conflict') return await this.#join(lead, base, mine);
    if (answer.ok) {
      this.#close();
      this.learn(lead.id, answer);
      return say(byId('edit-done'), t('leads.edit.saved'));
    }
    const placed = this.#form.querySelector(`[data-problem="${answer.field}"]`);
    complain(this.#form, placed ? { [answer.field]: answer.message ?? '' } : {});
    this.#complain(placed ? '' : refusal(answer));
  }

  /**
   * Join with what somebody else made of the lead meanwhile, and say what that was.
   *
   * @param {Lead} lead
   * @param {Fields} base
   * @param {Fields} mine
   * @returns {Promise<void>}
   */
  async #join(lead, base, mine) {
    const answer = await get(this.#url(lead, ''));
    if (lead.id !== this.#lead?.id) return;
    if (!answer.ok) return this.#complain(refusal(answer));
    const theirs = fieldsOf(answer.lead);
    this.#begin(answer.lead, merge(base, mine, theirs).sheet);
    this.learn(lead.id, answer);
    const names = /** @type {(keyof Fields)[]} */ (Object.keys(theirs));
    const others = names.filter((name) => !same(base[name], theirs[name]));
    // A note or a call of somebody else's is in nobody's way here.
    if (others.length === 0) return await this.#save();
    const told = others.map((name) => t(`lead.field.${name}`)).join(', ');
    this.#complain(t('leads.edit.changed', { fields: told }));
  }

  #close() {
    this.#base = null;
    this.#part.open = false;
    this.#part.querySelector('summary')?.focus();
  }

  #complain(/** @type {string} */ text) {
    say(byId('edit-error'), text);
    show(byId('edit-error'), Boolean(text));
  }

  #field(/** @type {string} */ name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }

  get #wishes() {
    return /** @type {HTMLInputElement[]} */ ([...this.#form.querySelectorAll('[name="wishes"]')]);
  }

  #url(/** @type {Lead} */ lead, /** @type {string} */ what) {
    const query = new URLSearchParams({ showroom: this.desk.showroom });
    return `${this.desk.base}/${encodeURIComponent(lead.id)}${what}?${query}`;
  }
}

/** What of a lead stands in the form. @returns {Fields} */
function fieldsOf(/** @type {Lead} */ { contact, dealer, wishes, horizon }) {
  return {
    name: contact.name,
    phone: contact.phone ?? '',
    email: contact.email ?? '',
    postcode: contact.postcode ?? '',
    dealer: dealer?.chosen ? dealer.code : '',
    wishes: [...wishes].sort(),
    horizon: horizon ?? '',
  };
}
