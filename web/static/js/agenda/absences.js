// @ts-check
/** Somebody's absences: a list, and a form that says what follows before it is sent. */
import { byId, copyOf, get, part, say, show } from '../dom.js';
import { count, dayOf, refusal, t } from '../words.js';
import { later, shortDate, timeSpan } from './words.js';

/** @typedef {import('./agenda').Roster['absences'][number]} Absence */

/** After the last key, before the server is asked what would follow. */
const PAUSE_MS = 300;

export class Absences {
  #form = byId('absence', HTMLFormElement);
  #begins = byId('absence-begins', HTMLInputElement);
  #ends = byId('absence-ends', HTMLInputElement);
  #reason = byId('absence-reason', HTMLInputElement);
  #timer = 0;
  #asked = 0;

  /**
   * @param {string} zone the showroom's
   * @param {(what: string) => string} url where to ask about this person
   * @param {(what: string, payload: object) => Promise<any>} change returns the server's answer
   */
  constructor(zone, url, change) {
    this.zone = zone;
    this.url = url;
    this.change = change;
    for (const field of [this.#begins, this.#ends]) {
      field.addEventListener('input', () => this.#askSoon());
    }
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#enter();
    });
  }

  /** @param {Absence[]} absences */
  show(absences) {
    show(byId('absences-none'), absences.length === 0);
    byId('absences').replaceChildren(...absences.map((one) => this.#item(one)));
  }

  /** Begin a new one: all of a day. */
  suggest(/** @type {string} */ date) {
    this.#begins.value = `${date}T00:00`;
    this.#ends.value = `${later(date, 1)}T00:00`;
    this.#reason.value = '';
    this.#complain('');
    this.#askSoon();
  }

  #item(/** @type {Absence} */ absence) {
    const node = copyOf('absence-template');
    const when = this.#words(absence);
    part(node, 'when').textContent = when;
    part(node, 'reason').textContent = absence.reason;
    const remove = part(node, 'remove', HTMLButtonElement);
    remove.setAttribute('aria-label', t('agenda.absence.remove.which', { when }));
    remove.addEventListener('click', async () => {
      remove.disabled = true;
      const answer = await this.change(`absences/${encodeURIComponent(absence.id)}/remove`, {});
      remove.disabled = false;
      this.#complain(answer.ok ? '' : refusal(answer));
    });
    return node;
  }

  #words(/** @type {Absence} */ { from, until }) {
    const first = dayOf(from, this.zone);
    // What ends at midnight ends with the day before.
    const last = dayOf(until - 1, this.zone);
    if (first !== last) return t('agenda.span', { from: shortDate(first), until: shortDate(last) });
    const whole = dayOf(from - 1, this.zone) !== first && dayOf(until, this.zone) !== first;
    return whole ? shortDate(first) : `${shortDate(first)}, ${timeSpan(from, until, this.zone)}`;
  }

  #askSoon() {
    clearTimeout(this.#timer);
    show(byId('absence-effect'), false);
    this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  /** Say which visits are in this time, and what becomes of them. */
  async #ask() {
    const asked = ++this.#asked;
    if (!this.#begins.value || this.#begins.value >= this.#ends.value) return;
    const query = new URLSearchParams({ begins: this.#begins.value, ends: this.#ends.value });
    const answer = await get(`${this.url('effect')}&${query}`);
    if (asked !== this.#asked || !answer.ok) return;
    const text = answer.visits ? count('agenda.absence.effect', answer.visits) : t('agenda.absence.free');
    say(byId('absence-effect'), text);
    show(byId('absence-effect'), true);
  }

  async #enter() {
    const [begins, ends] = [this.#begins.value, this.#ends.value];
    if (!begins || !ends || begins >= ends) return this.#complain(t('agenda.absence.order'));
    this.#form.setAttribute('aria-busy', 'true');
    const answer = await this.change('absences', { begins, ends, reason: this.#reason.value });
    this.#form.removeAttribute('aria-busy');
    const over = answer.field === 'ends';
    this.#complain(answer.ok ? '' : over ? t('agenda.absence.over') : refusal(answer));
    if (!answer.ok) return;
    this.#reason.value = '';
    this.#askSoon();
  }

  #complain(/** @type {string} */ text) {
    say(byId('absence-error'), text);
    show(byId('absence-error'), Boolean(text));
  }
}
