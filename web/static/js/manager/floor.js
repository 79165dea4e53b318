// @ts-check
/** The floor at this moment: who is here, who waits, what runs; durations tick by themselves. */
import { byId, copyOf, part, say, show, showRows } from '../dom.js';
import { clock, languageName, t } from '../words.js';

const TICK_MS = 1000;
const WAITS = new Set(['waiting', 'ringing']);

/** @typedef {import('../wire').FloorCall} FloorCall */

export class Floor {
  /**
   * @param {object} parts
   * @param {import('./calls.js').CarNames} parts.cars
   * @param {() => number} parts.now the time by the server's clock, in milliseconds since the epoch
   * @param {(call: string) => void} parts.listen a manager wants to listen to a call
   * @param {(call: string) => string} parts.picture the address of what a call's camera shows, or ''
   */
  constructor({ cars, now, listen, picture }) {
    this.cars = cars;
    this.now = now;
    this.listen = listen;
    this.picture = picture;
    setInterval(() => tick(this.now()), TICK_MS);
  }

  follow(/** @type {import('../wire').FloorState} */ { advisors, calls, waiting: all }) {
    const here = advisors.filter((one) => one.state !== 'away' || one.present);
    const waiting = calls.filter((one) => WAITS.has(one.state));
    const running = calls.filter((one) => !WAITS.has(one.state));
    list('here', here, here.length, (one) => ({
      name: one.name,
      what: t(`common.advisor.${one.present ? one.state : 'lost'}`),
      tone: one.present ? one.state : 'lost',
      since: one.since,
    }));
    list('waiting', waiting, all, (one) => ({
      name: this.cars(one.vehicle) || t('manager.no_car'),
      what: `${languageName(one.language)} · ${t(`common.state.${one.state}`)}`,
      tone: one.state,
      since: one.created_at,
    }));
    this.#showRunning(running);
    tick(this.now());
  }

  /** Calls keep their rows: somebody may be about to tap. */
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
      part(row, 'dot').dataset.tone = one.quality ?? one.state;
      say(part(row, 'name'), one.advisor ?? '');
      say(part(row, 'what'), words.filter(Boolean).join(' · '));
      part(row, 'time').dataset.since = String(one.since);
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
 * @template T
 * @param {string} id
 * @param {T[]} items
 * @param {number} all how many there are, also those that the list leaves out
 * @param {(item: T) => {name: string, what: string, tone: string, since: number}} describe
 */
function list(id, items, all, describe) {
  byId(`${id}-count`).textContent = String(all);
  show(byId(`${id}-none`), items.length === 0);
  byId(id).replaceChildren(
    ...items.map((item) => {
      const { name, what, tone, since } = describe(item);
      const row = copyOf('person-template');
      part(row, 'dot').dataset.tone = tone;
      part(row, 'name').textContent = name;
      part(row, 'what').textContent = what;
      part(row, 'time').dataset.since = String(since);
      return row;
    }),
  );
}

function tick(/** @type {number} */ now) {
  for (const node of document.querySelectorAll('[data-since]')) {
    const since = Number(/** @type {HTMLElement} */ (node).dataset.since);
    node.textContent = clock(now - since);
  }
}
