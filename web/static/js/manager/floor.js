// @ts-check
/** The floor at this moment: who is here, who waits, what runs; durations tick by themselves. */
import { byId, part, say, show, showRows } from '../dom.js';
import { clock, languageName, t } from '../words.js';

const TICK_MS = 1000;
const WAITS = new Set(['waiting', 'ringing']);

/** @typedef {import('../wire').FloorAdvisor} FloorAdvisor */
/** @typedef {import('../wire').FloorCall} FloorCall */

export class Floor {
  /**
   * @param {object} parts
   * @param {import('./calls.js').CarNames} parts.cars
   * @param {() => number} parts.now the time by the server's clock, in milliseconds since the epoch
   * @param {(call: string) => void} parts.listen a manager wants to listen to a call
   * @param {import('./orders.js').Orders} parts.orders
   * @param {(call: string) => string} parts.picture the address of what a call's camera shows, or ''
   */
  constructor({ cars, now, listen, orders, picture }) {
    this.cars = cars;
    this.now = now;
    this.listen = listen;
    this.orders = orders;
    this.picture = picture;
    setInterval(() => tick(this.now()), TICK_MS);
  }

  follow(/** @type {import('../wire').FloorState} */ { advisors, calls, waiting: all }) {
    const here = advisors.filter((one) => one.state !== 'away' || one.present);
    const waiting = calls.filter((one) => WAITS.has(one.state));
    const running = calls.filter((one) => !WAITS.has(one.state));
    this.#showHere(here);
    this.#showWaiting(waiting, all);
    this.#showRunning(running);
    tick(this.now());
  }

  // Rows stay as long as what they show: somebody may be about to tap.

  #showHere(/** @type {FloorAdvisor[]} */ here) {
    say(byId('here-count'), String(here.length));
    show(byId('here-none'), here.length === 0);
    showRows(byId('here'), here, 'here-template', (row, one) => {
      const state = one.present ? one.state : 'lost';
      const leaves = one.sent_away && one.state !== 'away';
      const words = [t(`common.advisor.${state}`), leaves && t('manager.away.after')];
      describe(row, state, one.name, words, one.since);
      const button = part(row, 'away', HTMLButtonElement);
      show(button, one.sent_away ? one.present : one.state !== 'away');
      say(button, t(one.sent_away ? 'manager.away.take_back' : 'manager.away.send'));
      button.setAttribute('aria-label', `${button.textContent}: ${one.name}`);
      button.onclick = () => this.orders.setAway(one.id, one.name, !one.sent_away);
    });
  }

  #showWaiting(/** @type {FloorCall[]} */ waiting, /** @type {number} */ all) {
    say(byId('waiting-count'), String(all));
    show(byId('waiting-none'), waiting.length === 0);
    const languages = [...new Set(waiting.map((one) => one.language))];
    const longest = Math.min(...waiting.map((one) => one.created_at));
    show(byId('waiting-longest'), waiting.length > 0);
    byId('waiting-longest-time').dataset.since = String(waiting.length ? longest : '');
    const queues = languages.map((language) => waiting.filter((one) => one.language === language));
    const items = queues.flat().map((one) => ({ ...one, id: one.call }));
    showRows(byId('waiting'), items, 'waiting-template', (row, one) => {
      const car = this.cars(one.vehicle) || t('manager.no_car');
      const words = [languageName(one.language), t(`common.state.${one.state}`)];
      describe(row, one.state, car, words, one.created_at);
      const place = one.place ?? 0;
      const queue = queues[languages.indexOf(one.language)];
      const last = queue?.at(-1)?.place ?? 0;
      for (const [name, to] of /** @type {const} */ ([
        ['up', place - 1],
        ['down', place + 1],
      ])) {
        const button = part(row, name, HTMLButtonElement);
        show(button, place > 0 && to >= 1 && to <= last);
        button.setAttribute('aria-label', `${t(`manager.place.${name}`)}: ${car}, ${place}`);
        button.onclick = () => this.orders.move(one.call, to);
      }
    });
  }

  #showRunning(/** @type {FloorCall[]} */ running) {
    say(byId('running-count'), String(running.length));
    show(byId('running-none'), running.length === 0);
    const items = running.map((one) => ({ ...one, id: one.call }));
    showRows(byId('running'), items, 'running-template', (row, one) => {
      const words = [
        this.cars(one.vehicle),
        t(`common.state.${one.state}`),
        one.quality && t(`common.quality.${one.quality}`),
      ];
      describe(row, one.quality ?? one.state, one.advisor ?? '', words, one.since);
      const button = part(row, 'listen', HTMLButtonElement);
      button.setAttribute('aria-label', `${t('supervision.listen')}: ${one.advisor ?? ''}`);
      button.onclick = () => this.listen(one.call);
      const picture = one.state === 'live' ? this.picture(one.call) : '';
      const still = part(row, 'still', HTMLImageElement);
      show(still, Boolean(picture));
      if (picture) still.src = picture;
      still.alt = picture && t('manager.still', { name: one.advisor ?? '' });
    });
  }
}

/**
 * @param {HTMLElement} row
 * @param {string} tone
 * @param {string} name
 * @param {(string | false | null | undefined)[]} words
 * @param {number} since
 */
function describe(row, tone, name, words, since) {
  part(row, 'dot').dataset.tone = tone;
  say(part(row, 'name'), name);
  say(part(row, 'what'), words.filter(Boolean).join(' · '));
  part(row, 'time').dataset.since = String(since);
}

function tick(/** @type {number} */ now) {
  for (const node of document.querySelectorAll('[data-since]')) {
    const { since } = /** @type {HTMLElement} */ (node).dataset;
    if (since) node.textContent = clock(now - Number(since));
  }
}
