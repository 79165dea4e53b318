// @ts-check
/** The form of somebody's weekly working hours: for each weekday some stretches, or none. */
import { byId, copyOf, part, say, show } from '../dom.js';
import { locale, refusal, t } from '../words.js';

/** @typedef {import('./agenda').Week} Week */

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
/** As the server allows. */
const MOST = 4;
const MIDNIGHT = 24 * 60;
/** What a new stretch begins with. @type {[number, number]} */
const USUAL = [9 * 60, 18 * 60];
/** A Monday, to ask the language for the names of weekdays. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 24 * 3600 * 1000;

export class WeekForm {
  #form = byId('hours', HTMLFormElement);
  #always = byId('hours-always', HTMLInputElement);
  /** What to begin with when somebody gets hours of their own. @type {Week} */
  #opening = {};

  /** @param {(hours: Week | null) => Promise<any>} save returns the server's answer */
  constructor(save) {
    byId('week').replaceChildren(...DAYS.map((day, n) => this.#weekday(day, n)));
    this.#always.addEventListener('change', () => {
      if (!this.#always.checked && this.#isEmpty()) this.#fill(this.#opening);
      this.#toggle();
    });
    this.#form.addEventListener('input', () => this.#say('', ''));
    this.#form.addEventListener('submit', async (event) => {
      event.preventDefault();
      this.#form.setAttribute('aria-busy', 'true');
      const answer = await save(this.#always.checked ? null : this.#read());
      this.#form.removeAttribute('aria-busy');
      if (answer.ok) this.#say(t('agenda.hours.saved'), '');
      else this.#say('', this.#problem(answer));
    });
  }

  /** @param {Week | null} hours @param {Week} opening the showroom's own */
  show(hours, opening) {
    this.#opening = opening;
    this.#always.checked = hours === null;
    this.#fill(hours ?? {});
    this.#toggle();
    this.#say('', '');
  }

  #problem(/** @type {any} */ answer) {
    const n = DAYS.indexOf(answer.field);
    return n < 0 ? refusal(answer) : t('agenda.hours.wrong', { day: nameOf(n) });
  }

  #say(/** @type {string} */ done, /** @type {string} */ problem) {
    say(byId('hours-said'), done);
    say(byId('hours-error'), problem);
    show(byId('hours-error'), Boolean(problem));
  }

  #toggle() {
    show(byId('week'), !this.#always.checked);
  }

  #isEmpty() {
    return byId('week').querySelector('.span') === null;
  }

  #weekday(/** @type {string} */ day, /** @type {number} */ n) {
    const node = copyOf('weekday-template');
    node.dataset.day = day;
    part(node, 'name').textContent = nameOf(n);
    const add = part(node, 'add');
    add.setAttribute('aria-label', t('agenda.hours.add.to', { day: nameOf(n) }));
    add.addEventListener('click', () => {
      const last = this.#spans(node).at(-1);
      const begins = last && last[1] < 22 * 60 ? last[1] + 60 : USUAL[0];
      const added = this.#add(node, n, last ? [begins, Math.min(begins + 4 * 60, MIDNIGHT)] : USUAL);
      part(added, 'opens', HTMLInputElement).focus();
      this.#say('', '');
    });
    return node;
  }

  #fill(/** @type {Week} */ hours) {
    DAYS.forEach((day, n) => {
      const node = /** @type {HTMLElement} */ (byId('week').querySelector(`[data-day="${day}"]`));
      part(node, 'spans').replaceChildren();
      for (const span of hours[day] ?? []) this.#add(node, n, span);
      this.#count(node);
    });
  }

  /** @param {HTMLElement} node @param {number} n @param {[number, number]} span */
  #add(node, n, [opens, closes]) {
    const row = copyOf('span-template');
    /** @type {[string, number][]} */
    const ends = [
      ['opens', opens],
      ['closes', closes],
    ];
    for (const [end, minutes] of ends) {
      const field = part(row, end, HTMLInputElement);
      field.value = written(minutes);
      field.setAttribute('aria-label', t(`agenda.hours.${end}`, { day: nameOf(n) }));
    }
    const remove = part(row, 'remove');
    remove.setAttribute('aria-label', t('agenda.hours.remove', { day: nameOf(n) }));
    remove.addEventListener('click', () => {
      row.remove();
      this.#count(node);
      this.#say('', '');
      part(node, 'add').focus();
    });
    part(node, 'spans').append(row);
    this.#count(node);
    return row;
  }

  #count(/** @type {HTMLElement} */ node) {
    const some = node.querySelectorAll('.span').length;
    show(part(node, 'off'), some === 0);
    show(part(node, 'add'), some < MOST);
  }

  /** @returns {Week} */
  #read() {
    const days = [...byId('week').children].map((node) => {
      const weekday = /** @type {HTMLElement} */ (node);
      return [weekday.dataset.day, this.#spans(weekday)];
    });
    return Object.fromEntries(days);
  }

  /** @returns {[number, number][]} */
  #spans(/** @type {HTMLElement} */ node) {
    return [...node.querySelectorAll('.span')].map((row) => {
      const opens = minutesOf(part(row, 'opens', HTMLInputElement).value);
      // A clock's day ends at the midnight at which it begins.
      const closes = minutesOf(part(row, 'closes', HTMLInputElement).value) || MIDNIGHT;
      return [opens, closes];
    });
  }
}

function nameOf(/** @type {number} */ n) {
  const options = /** @type {const} */ ({ timeZone: 'UTC', weekday: 'long' });
  return new Date(MONDAY + n * DAY_MS).toLocaleDateString(locale, options);
}

/** Minutes after midnight as a field of times has them. */
function written(/** @type {number} */ minutes) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

function minutesOf(/** @type {string} */ time) {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
