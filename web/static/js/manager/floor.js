// @ts-check
/** The floor at this moment: who is here, who waits, what runs; durations tick by themselves. */
import { byId, copyOf, part, show } from '../dom.js';
import { clock, languageName, t } from '../words.js';

const TICK_MS = 1000;
const WAITS = new Set(['waiting', 'ringing']);

/** @typedef {import('../wire').FloorCall} FloorCall */

export class Floor {
  /**
   * @param {import('./calls.js').CarNames} cars
   * @param {() => number} now the time by the server's clock, in milliseconds since the epoch
   */
  constructor(cars, now) {
    this.cars = cars;
    this.now = now;
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
    list('running', running, running.length, (one) => ({
      name: one.advisor ?? '',
      what: [
        this.cars(one.vehicle),
        t(`common.state.${one.state}`),
        one.quality && t(`common.quality.${one.quality}`),
      ]
        .filter(Boolean)
        .join(' · '),
      tone: one.quality ?? one.state,
      since: one.since,
    }));
    tick(this.now());
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
