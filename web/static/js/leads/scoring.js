// @ts-check
/** The table of points, for managers: each rule in words, with the points that it gives here. */
import { byId, copyOf, get, part, post, say, show } from '../dom.js';
import { refusal, t } from '../words.js';

/** @typedef {{name: string, points: number, default: number}} Rule */
/** @typedef {{rules: Rule[], qualified_from: number}} Table */

/** The default of `showroom/showrooms.py`, and what the server takes. */
const FROM = 50;
const MOST = 100;
const MOST_FROM = 1000;

export class Scoring {
  #dialog = byId('scoring', HTMLDialogElement);
  #from = byId('qualified-from', HTMLInputElement);
  /** @type {Rule[]} */
  #rules = [];

  /** @param {string} showroom @param {() => void} changed */
  constructor(showroom, changed) {
    this.showroom = showroom;
    this.changed = changed;
    byId('scoring-open').addEventListener('click', () => this.#open());
    byId('scoring-reset').addEventListener('click', () => this.#reset());
    const form = byId('scoring-form', HTMLFormElement);
    form.addEventListener('input', () => this.#say(''));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  async #open() {
    this.#complain('');
    this.#say('');
    this.#dialog.showModal();
    this.#took(await get(this.#url));
  }

  /** Put the written points back into the fields; they count when they are saved. */
  #reset() {
    this.#draw({ rules: this.#rules.map((one) => ({ ...one, points: one.default })), qualified_from: FROM });
    this.#say(t('leads.scoring.not_yet'));
  }

  async #save() {
    const fields = [...this.#fields.values(), this.#from];
    const wrong = fields.find((field) => !fits(field.value, field === this.#from));
    for (const field of fields) field.setAttribute('aria-invalid', String(field === wrong));
    this.#complain(wrong ? t('leads.scoring.wrong') : '');
    if (wrong) return wrong.focus();
    const points = Object.fromEntries([...this.#fields].map(([name, field]) => [name, Number(field.value)]));
    const answer = await post(this.#url, { points, qualified_from: Number(this.#from.value) });
    this.#took(answer);
    if (!answer.ok) return;
    this.#say(t('leads.scoring.saved'));
    this.changed();
  }

  #took(/** @type {any} */ answer) {
    this.#complain(answer.ok ? '' : refusal(answer));
    if (answer.ok) this.#draw(answer);
  }

  #draw(/** @type {Table} */ { rules, qualified_from: from }) {
    this.#rules = rules;
    this.#from.value = String(from);
    byId('scoring-rules').replaceChildren(
      ...rules.map((rule) => {
        const row = copyOf('rule-template');
        const field = part(row, 'points', HTMLInputElement);
        field.id = `points-${rule.name}`;
        field.value = String(rule.points);
        field.dataset.rule = rule.name;
        const label = part(row, 'name', HTMLLabelElement);
        label.htmlFor = field.id;
        label.textContent = t(`lead.rule.${rule.name}`);
        return row;
      }),
    );
  }

  /** The fields of points by their rule. @returns {Map<string, HTMLInputElement>} */
  get #fields() {
    const found = byId('scoring-rules').querySelectorAll('input');
    return new Map([...found].map((field) => [field.dataset.rule ?? '', field]));
  }

  get #url() {
    return `/manager/scoring?${new URLSearchParams({ showroom: this.showroom })}`;
  }

  #say(/** @type {string} */ text) {
    say(byId('scoring-state'), text);
  }

  #complain(/** @type {string} */ text) {
    say(byId('scoring-error'), text);
    show(byId('scoring-error'), Boolean(text));
  }
}

/** Whether a rule may give so many points, or a lead may be qualified from so many on. */
function fits(/** @type {string} */ text, /** @type {boolean} */ from) {
  const n = Number(text);
  if (!text.trim() || !Number.isInteger(n)) return false;
  return from ? n >= 1 && n <= MOST_FROM : Math.abs(n) <= MOST;
}
