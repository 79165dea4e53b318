// @ts-check
/** Which days are in sight and how; reads them again and again, and draws what has changed. */
import { zoneName } from '../booking/days.js';
import { byId, get, say, show } from '../dom.js';
import { refusal, t } from '../words.js';
import { dateRange, fullDate, later, mondayOf } from './words.js';

/** @typedef {import('./agenda').Days} Days */
/** @typedef {import('./agenda').View} View */

const EVERY_MS = 20_000;
/** How many days a view has, and how many a step moves on. */
const LENGTH = { day: 1, week: 7, list: 14 };
const DATE = /^2[01]\d\d-\d\d-\d\d$/;

export class Board {
  /** What is in sight, as the server told it last. @type {Days | null} */
  seen = null;
  /** While something is carried, nothing is drawn anew. */
  held = false;
  frame = byId('plan-frame');

  #asked = 0;
  #drawn = '';

  /**
   * @param {import('./agenda').Config} config
   * @param {View} view what to begin with
   * @param {(days: Days, view: View, anew: boolean) => void} draw
   *   `anew`: other days or another view than before
   */
  constructor(config, view, draw) {
    this.config = config;
    this.draw = draw;
    const asked = new URLSearchParams(location.search);
    const views = [...document.querySelectorAll('[data-view]')].map(
      (node) => /** @type {HTMLElement} */ (node).dataset.view,
    );
    const wished = asked.get('view');
    /** @type {View} */
    this.view = views.includes(wished ?? '') ? /** @type {View} */ (wished) : view;
    const day = asked.get('day') ?? '';
    this.day = DATE.test(day) && !Number.isNaN(Date.parse(day)) ? day : config.today;
    this.#listen();
    this.load();
  }

  /** Go to a day, or to another view of the one in sight. */
  show(day = this.day, view = this.view) {
    this.day = day;
    this.view = view;
    const query = new URLSearchParams({ showroom: this.config.showroom, view, day });
    history.replaceState(null, '', `?${query}`);
    // Another language shows the same days.
    for (const link of document.querySelectorAll('.languages a')) {
      const there = /** @type {HTMLAnchorElement} */ (link);
      there.href = `?${query}&lang=${there.lang}`;
    }
    this.load();
  }

  /** Read the days in sight, and draw them if anything has changed. Never throws. */
  async load() {
    const asked = ++this.#asked;
    this.#label();
    const query = new URLSearchParams({
      showroom: this.config.showroom,
      day: this.#first,
      days: String(LENGTH[this.view]),
    });
    const answer = await get(`${this.config.base}/days?${query}`);
    if (asked !== this.#asked || this.held) return; // something newer was asked, or is carried
    if (answer.code === 'not_signed_in') location.reload();
    this.complain(answer.ok ? '' : refusal(answer));
    this.frame.removeAttribute('aria-busy');
    if (!answer.ok) return;
    this.seen = answer;
    const where = `${this.view} ${this.#first}`;
    // The line of the present moves once a minute.
    const text = where + JSON.stringify({ ...answer, now: Math.floor(answer.now / 60_000) });
    if (text === this.#drawn) return;
    const anew = !this.#drawn.startsWith(where);
    this.#drawn = text;
    this.#draw(answer, anew);
  }

  /** Draw again what is known already: the window has another shape. */
  again() {
    if (this.seen) this.#draw(this.seen, true);
  }

  complain(/** @type {string} */ text) {
    say(byId('agenda-error'), text);
    show(byId('agenda-error'), Boolean(text));
  }

  #draw(/** @type {Days} */ days, /** @type {boolean} */ anew) {
    const active = document.activeElement;
    const key = active instanceof HTMLElement ? active.dataset.key : undefined;
    this.draw(days, this.view, anew);
    this.#label();
    // Whoever walks through the visits by keyboard stays where they are.
    if (key) this.#find(key)?.focus({ preventScroll: true });
  }

  #find(/** @type {string} */ key) {
    const found = this.frame.querySelector(`[data-key="${CSS.escape(key)}"]`);
    return found instanceof HTMLElement ? found : null;
  }

  get #first() {
    return this.view === 'week' ? mondayOf(this.day) : this.day;
  }

  #label() {
    const last = later(this.#first, LENGTH[this.view] - 1);
    const today = this.seen?.today ?? this.config.today;
    const full = fullDate(this.day);
    const day = this.day === today ? t('agenda.when.today', { day: full }) : full;
    say(byId('when'), this.view === 'day' ? day : dateRange(this.#first, last, today));
    for (const node of document.querySelectorAll('[data-view]')) {
      const name = /** @type {HTMLElement} */ (node).dataset.view;
      node.setAttribute('aria-pressed', String(name === this.view));
    }
    const { zone } = this.config;
    say(byId('zone'), t('agenda.zone', { zone: zoneName(zone, Date.parse(this.day)) }));
  }

  #listen() {
    const step = (/** @type {number} */ by) => this.show(later(this.day, by * LENGTH[this.view]));
    byId('earlier').addEventListener('click', () => step(-1));
    byId('later').addEventListener('click', () => step(1));
    byId('now').addEventListener('click', () => this.show(this.seen?.today ?? this.config.today));
    for (const node of document.querySelectorAll('[data-view]')) {
      const { view } = /** @type {HTMLElement} */ (node).dataset;
      node.addEventListener('click', () => this.show(this.day, /** @type {View} */ (view)));
    }
    document.addEventListener('visibilitychange', () => document.hidden || this.load());
    setInterval(() => document.hidden || this.held || this.load(), EVERY_MS);
  }
}
