// @ts-check
/** The follow-up list: what is asked for, a page at a time, those that are overdue first. */
import { byId, get, part, say, show, showRows } from '../dom.js';
import { count, refusal, t } from '../words.js';
import { dueState } from './due.js';
import { dueInWords, nameOf, whatOf } from './words.js';

/** @typedef {import('../lead/lead').Lead} Lead */
/** @typedef {import('./words.js').Place} Place */

/** Others work on the same leads, and a call's outcome reaches its lead a second or two later. */
const LOOK_EVERY_MS = 10_000;
/** More of them with each tap on the button; the server gives at most so many at a time. */
const PAGE = 50;
const MOST = 100;

export class List {
  now = Date.now();
  /** @type {Lead[]} */
  #leads = [];
  /** How many leads shall be shown. */
  #wanted = PAGE;
  /** The row that the keyboard goes to once it is there. */
  #first = -1;
  #asked = 0;
  #state = 'open';
  #owner = byId('owner', HTMLSelectElement);
  #overdue = byId('overdue', HTMLInputElement);
  #qualified = byId('qualified', HTMLInputElement);

  /**
   * @param {Place & {base: string, showroom: string, owner: string}} place
   * @param {(lead: Lead) => void} open
   */
  constructor(place, open) {
    this.place = place;
    this.open = open;
    this.#owner.value = place.owner;
    for (const button of this.#segments) {
      button.addEventListener('click', () => {
        this.#state = button.dataset.state ?? 'open';
        for (const one of this.#segments) one.setAttribute('aria-pressed', String(one === button));
        this.#filter();
      });
    }
    for (const filter of [this.#owner, this.#overdue, this.#qualified]) {
      filter.addEventListener('change', () => this.#filter());
    }
    byId('more').addEventListener('click', () => this.#more());
    addEventListener('visibilitychange', () => document.hidden || this.load());
    setInterval(() => document.hidden || this.load(), LOOK_EVERY_MS);
  }

  /** Ask for the list anew; as many leads as are shown stay shown. */
  async load() {
    const asked = ++this.#asked;
    // Whoever moves down the list between two pages is on both.
    /** @type {Map<string, Lead>} */
    const leads = new Map();
    let answer;
    let cursor = null;
    do {
      const limit = String(Math.min(MOST, this.#wanted - leads.size));
      answer = await get(this.#url({ limit, ...(cursor && { cursor }) }));
      if (asked !== this.#asked) return;
      for (const lead of answer.leads ?? []) leads.set(lead.id, lead);
      cursor = answer.next;
    } while (cursor && leads.size < this.#wanted);
    byId('leads').removeAttribute('aria-busy');
    this.#complain(answer.ok ? '' : refusal(answer));
    if (answer.ok) this.#show(answer, [...leads.values()]);
    this.#first = -1;
  }

  #filter() {
    this.#wanted = PAGE;
    this.load();
  }

  #more() {
    this.#first = this.#leads.length;
    this.#wanted = this.#first + PAGE;
    this.load();
  }

  #show(/** @type {any} */ { now, next, counts }, /** @type {Lead[]} */ leads) {
    this.now = Date.parse(now);
    this.#leads = leads;
    showRows(byId('leads'), leads, 'lead-template', (row, lead) => this.#fill(row, lead));
    byId('leads').children[this.#first]?.querySelector('button')?.focus();
    show(byId('more'), next !== null);
    this.#count(counts);
    const owned = this.#owner.value !== this.place.owner;
    const filtered = owned || this.#overdue.checked || this.#qualified.checked;
    say(byId('leads-none'), t(filtered ? 'leads.none.filtered' : `leads.none.${this.#state}`));
    show(byId('leads-none'), leads.length === 0);
    say(byId('leads-said'), count('leads.found', leads.length));
  }

  #fill(/** @type {HTMLElement} */ row, /** @type {Lead} */ lead) {
    const { zone } = this.place;
    part(row, 'name').textContent = nameOf(lead);
    part(row, 'what').textContent = whatOf(lead, this.place);
    part(row, 'due').textContent = dueInWords(lead, this.now, zone);
    part(row, 'due').dataset.due = dueState(lead, this.now, zone);
    part(row, 'state').textContent = t(`leads.state.${lead.state}`);
    part(row, 'state').dataset.state = lead.state;
    const qualified = lead.qualified_at !== null;
    const points = qualified ? 'leads.qualified.points' : 'leads.points';
    part(row, 'qualified').textContent = count(points, lead.score);
    part(row, 'qualified').dataset.qualified = String(qualified);
    part(row, 'owner').textContent = lead.owner_name ?? t('leads.owner.none');
    const button = /** @type {HTMLButtonElement} */ (row.querySelector('button'));
    button.onclick = () => this.open(lead);
  }

  #count(/** @type {Record<string, number>} */ counts) {
    const { overdue = 0, ...states } = counts;
    const open = (states.new ?? 0) + (states.contacted ?? 0);
    for (const [name, n] of Object.entries({ ...states, open })) {
      const place = document.querySelector(`.segments [data-part="${name}"]`);
      if (place instanceof HTMLElement) say(place, n ? String(n) : '');
    }
    const late = part(byId('main'), 'overdue');
    say(late, overdue ? String(overdue) : '');
  }

  get #segments() {
    return /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.segments__one')]);
  }

  #url(/** @type {Record<string, string>} */ more) {
    const query = new URLSearchParams({ state: this.#state, showroom: this.place.showroom, ...more });
    if (this.#owner.value) query.set('owner', this.#owner.value);
    if (this.#overdue.checked) query.set('due', 'overdue');
    if (this.#qualified.checked) query.set('qualified', 'true');
    return `${this.place.base}/list?${query}`;
  }

  #complain(/** @type {string} */ text) {
    say(byId('leads-error'), text);
    show(byId('leads-error'), Boolean(text));
  }
}
