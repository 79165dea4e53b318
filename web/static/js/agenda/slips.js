// @ts-check
/** A visit as a slip in a column, or as a row of a list; a tap on either opens it. */
import { copyOf, part } from '../dom.js';
import { t, timeOf } from '../words.js';
import { stateOf, whatOf } from './words.js';

/** @typedef {import('./agenda').Visit} Visit */
/** @typedef {{zone: string, vehicles: Record<string, string>}} Place */

export class Slips {
  /** The server's time, for the states. */
  now = 0;

  /** @param {Place} place @param {(visit: Visit) => void} open */
  constructor(place, open) {
    this.place = place;
    this.open = open;
  }

  /** A slip for a column. */
  slip(/** @type {Visit} */ visit) {
    const node = this.#fill('card-template', visit);
    const state = stateOf(visit, this.now);
    const said = state === 'booked' ? '' : t(`agenda.state.${state}`);
    part(node, 'what').textContent = whatOf(visit, this.place.vehicles, said);
    return node;
  }

  /** A row of a list; `who` stands before the car, where visits of several advisors meet. */
  row(/** @type {Visit} */ visit, who = '') {
    const node = this.#fill('row-template', visit);
    part(node, 'what').textContent = whatOf(visit, this.place.vehicles, who);
    part(node, 'state').textContent = t(`agenda.state.${stateOf(visit, this.now)}`);
    return node;
  }

  #fill(/** @type {string} */ template, /** @type {Visit} */ visit) {
    const node = copyOf(template);
    const button = /** @type {HTMLElement} */ (node.firstElementChild);
    button.dataset.key = visit.id;
    button.dataset.state = stateOf(visit, this.now);
    button.setAttribute('aria-haspopup', 'dialog');
    button.addEventListener('click', () => this.open(visit));
    part(node, 'time').textContent = timeOf(visit.starts_at, this.place.zone);
    part(node, 'name').textContent = visit.name;
    return node;
  }
}
