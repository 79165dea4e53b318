// @ts-check
/**
 * Booked visits beside the calls: the list of today, a word ten minutes before each, and another,
 * with a sound, while its guest waits.
 */
import { byId, copyOf, part, say, show } from '../dom.js';
import { dayOf, languageName, t, timeOf } from '../words.js';
import { noticeOf, stateOf } from './notice.js';
import { vibrate } from './ring.js';

/** @typedef {import('../wire').Visit} Visit */
/** @typedef {import('./notice.js').Notice} Notice */

const TICK_MS = 1000;
/** A guest who waits is heard again after so many ticks. */
const REMIND_TICKS = 20;
const DAY_MS = 24 * 3600 * 1000;
/** Where nobody talks and nothing rings, so that a sound disturbs no call. */
const QUIET = new Set([undefined, 'idle', 'wrap']);

export class Visits {
  /** The visit whose guest rings or is in the call. @type {string | undefined} */
  #received;
  /** @type {Visit[]} */
  #items = [];
  /** The server's time at zero of this page's own clock, which no one sets. */
  #epoch = 0;
  #said = '';
  #ticks = 0;
  #title = document.title;

  /**
   * @param {import('./ring_tone.js').RingTone} tone
   * @param {() => boolean} available whether calls may ring here
   * @param {string} zone the showroom's
   * @param {import('../wire').Vehicle[]} vehicles
   */
  constructor(tone, available, zone, vehicles) {
    this.tone = tone;
    this.available = available;
    this.zone = zone;
    this.names = new Map(vehicles.map((car) => [car.id, car.name]));
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** Show the list. */
  follow(/** @type {{now: number, items: Visit[]}} */ { now, items }) {
    this.#epoch = now - performance.now();
    this.#items = items;
    this.#list();
    this.#tick();
  }

  /** Say nothing of the visit that the call is about, as long as there is this call. */
  receive(/** @type {string | undefined} */ visit) {
    if (this.#received === visit) return;
    this.#received = visit;
    this.#tick();
  }

  get #now() {
    return this.#epoch + performance.now();
  }

  #list() {
    const day = (/** @type {number} */ ms) => dayOf(ms, this.zone);
    const today = this.#items.filter((one) => day(one.starts_at) === day(this.#now));
    const tomorrow = this.#items.filter((one) => day(one.starts_at) === day(this.#now + DAY_MS));
    byId('visits-today').replaceChildren(...today.map((one) => this.#row(one)));
    byId('visits-tomorrow').replaceChildren(...tomorrow.map((one) => this.#row(one)));
    byId('visits-count').textContent = today.length ? String(today.length) : '';
    show(byId('visits-none'), today.length === 0);
    show(byId('visits-tomorrow-title'), tomorrow.length > 0);
  }

  #row(/** @type {Visit} */ visit) {
    const row = copyOf('visit-template');
    const state = stateOf(visit, this.#now);
    row.dataset.state = state;
    part(row, 'time').textContent = timeOf(visit.starts_at, this.zone);
    part(row, 'name').textContent = visit.name;
    part(row, 'what').textContent = [
      visit.vehicle && (this.names.get(visit.vehicle) ?? visit.vehicle),
      languageName(visit.language),
    ]
      .filter(Boolean)
      .join(' · ');
    part(row, 'wish').textContent = visit.wish;
    show(part(row, 'wish'), Boolean(visit.wish));
    part(row, 'state').textContent = state && t(`advisor.visits.state.${state}`);
    return row;
  }

  #tick() {
    const notice = noticeOf(this.#items, this.#now, this.#received);
    document.body.dataset.visit = notice?.kind ?? '';
    show(byId('visit-bar'), notice !== null);
    const text = notice ? this.#words(notice) : '';
    if (notice) {
      say(byId('visit-bar-text'), text);
      say(byId('visit-bar-more'), this.#more(notice));
    }
    this.#announce(notice, text);
  }

  #words(/** @type {Notice} */ { kind, visit, minutes }) {
    const time = timeOf(visit.starts_at, this.zone);
    return t(`advisor.visits.${kind}`, { name: visit.name, n: Math.max(1, minutes), time });
  }

  #more(/** @type {Notice} */ { kind, visit }) {
    if (!this.available()) return t('advisor.visits.away');
    const time = timeOf(visit.starts_at, this.zone);
    return kind === 'waiting' ? t('advisor.visits.booked_for', { time }) : '';
  }

  /** Let it be heard, felt, read aloud and seen in the tab: gently, and not during a call. */
  #announce(/** @type {Notice | null} */ notice, /** @type {string} */ text) {
    const quiet = QUIET.has(document.body.dataset.view);
    const key = notice ? `${notice.kind} ${notice.visit.id}` : '';
    const news = key !== this.#said;
    if (news) {
      this.#list();
      this.#ticks = 0;
      this.#said = key;
      // The minutes that pass are not read aloud one by one.
      byId('visit-said').textContent = text;
    }
    const heard = notice && notice.kind !== 'begun';
    const again = notice?.kind === 'waiting' && this.#ticks % REMIND_TICKS === 0;
    if (heard && quiet && (news || again)) {
      this.tone.hint();
      vibrate(200);
    }
    if (quiet && (notice || news)) {
      const flash = notice?.kind === 'waiting' ? this.#ticks % 4 < 2 : Boolean(heard);
      document.title = flash ? `● ${text}` : this.#title;
    }
    this.#ticks++;
  }
}
