// @ts-check
/** Days as a strip, the times of one of them below, on the reader's own clock. */
import { byId, copyOf, get, part, say, show } from '../dom.js';
import { locale, refusal, t } from '../words.js';
import {
  byDay,
  byPart,
  dateOf,
  dayKey,
  nearDay,
  ownZone,
  sameClock,
  timeOf,
  zoneName,
} from './days.js';

/** @typedef {import('./days.js').Slot} Slot */
/** @typedef {{slots: string, zone: string}} Place where free times are read; the showroom's zone */

export class Times {
  /** The first free slot's start, or null. @type {number | null} */
  first = null;

  #place;
  #pick;
  #own;
  #day = '';
  /** @type {import('./days.js').Day[]} */
  #days = [];
  #asked = 0;
  #advisor = '';

  /**
   * @param {Place} place
   * @param {(startsAt: number) => void} pick called with each tap on a time
   */
  constructor(place, pick) {
    this.#place = place;
    this.#pick = pick;
    this.#own = ownZone(place.zone);
    byId('times-again').addEventListener('click', () => this.load(this.#advisor));
  }

  /** Read the free slots, of one advisor or of all, and show them. Never throws. */
  async load(advisor = '') {
    const asked = ++this.#asked;
    this.#advisor = advisor;
    this.#busy(true);
    const answer = await get(address(this.#place, advisor ? { advisor } : {}));
    if (asked !== this.#asked) return; // a newer choice has been asked meanwhile
    this.#busy(false);
    this.#complain(answer.slots ? '' : refusal(answer));
    this.#show(answer.slots ?? []);
    if (!answer.slots) say(byId('times-line'), '');
  }

  #busy(/** @type {boolean} */ busy) {
    byId('times').setAttribute('aria-busy', String(busy));
    show(byId('times-line'), true);
    if (busy) say(byId('times-line'), t('book.loading'));
  }

  #complain(/** @type {string} */ text) {
    say(byId('times-error'), text);
    show(byId('times-error'), Boolean(text));
    show(byId('times-again'), Boolean(text));
  }

  #show(/** @type {Slot[]} */ slots) {
    this.first = slots[0]?.starts_at ?? null;
    this.#days = byDay(slots, this.#own);
    show(byId('times-line'), slots.length === 0);
    if (slots.length === 0) say(byId('times-line'), t('book.none'));
    say(byId('zone-note'), slots.length ? zoneNote(this.first ?? 0, this.#place.zone) : '');
    byId('days').replaceChildren(
      ...this.#days.map((day) => {
        const node = dayButton(day.slots[0]?.starts_at ?? 0, this.#own);
        node.dataset.day = day.key;
        node.addEventListener('click', () => this.#open(day.key));
        return node;
      }),
    );
    const still = this.#days.some((day) => day.key === this.#day);
    this.#open(still ? this.#day : (this.#days[0]?.key ?? ''));
  }

  #open(/** @type {string} */ key) {
    this.#day = key;
    for (const node of byId('days').children) {
      node.setAttribute('aria-pressed', String(node instanceof HTMLElement && node.dataset.day === key));
    }
    const slots = this.#days.find((day) => day.key === key)?.slots ?? [];
    byId('times-list').replaceChildren(
      ...byPart(slots, this.#own).map(([name, some]) => {
        const node = copyOf('part-template');
        part(node, 'name').textContent = t(`book.part.${name}`);
        const pick = (/** @type {number} */ at) => this.#pick(at);
        const items = some.map((slot) => timeItem(slot.starts_at, this.#place.zone, pick));
        part(node, 'times').replaceChildren(...items);
        return node;
      }),
    );
  }
}

/** Read the next free starts. Never throws; without an answer there are none. */
export async function nextFree(
  /** @type {Place} */ place,
  most = 3,
  wished = /** @type {number | null} */ (null),
) {
  const answer = await get(place.slots);
  /** @type {number[]} */
  const free = (answer.slots ?? []).map((/** @type {Slot} */ slot) => slot.starts_at);
  // What a letter offered and somebody tapped there goes first, if it is free still.
  const first = free.filter((at) => at === wished);
  return [...first, ...free.filter((at) => at !== wished)].slice(0, most);
}

/** @param {Place} place @param {Record<string, string>} more */
function address(place, more) {
  const url = new URL(place.slots, location.href);
  for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
  return url.href;
}

/** Which zone the times are in, and that the small ones are the showroom's. */
function zoneNote(/** @type {number} */ at, /** @type {string} */ showrooms) {
  const own = ownZone(showrooms);
  const zone = zoneName(own, at);
  if (sameClock(at, own, showrooms)) return t('book.zone', { zone });
  return t('book.zones', { zone, there: zoneName(showrooms, at) });
}

/** A line about the showroom's clock where it differs from the reader's, else nothing. */
export function thereNote(/** @type {number} */ at, /** @type {string} */ showrooms) {
  const own = ownZone(showrooms);
  if (sameClock(at, own, showrooms)) return '';
  const day = dayKey(at, own) === dayKey(at, showrooms) ? '' : dateOf(at, showrooms);
  const time = [day, timeOf(at, showrooms)].filter(Boolean).join(', ');
  return t('book.there', { time, own: zoneName(own, at) });
}

/** @param {number} at @param {string} zone */
function dayButton(at, zone) {
  const node = copyOf('day-template');
  const piece = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).format(at);
  part(node, 'name').textContent = dateOf(at, zone);
  part(node, 'week').textContent = piece({ weekday: 'short' });
  part(node, 'number').textContent = piece({ day: 'numeric' });
  part(node, 'month').textContent = piece({ month: 'short' });
  return node;
}

/** One time as a button; the showroom's own time stands below where it differs. */
export function timeItem(
  /** @type {number} */ at,
  /** @type {string} */ showrooms,
  /** @type {(at: number) => void} */ pick,
  withDay = false,
) {
  const own = ownZone(showrooms);
  const node = copyOf('time-template');
  const here = timeOf(at, own);
  part(node, 'here').textContent = withDay
    ? t('common.day_time', { day: nearDay(at, own), time: here })
    : here;
  const there = part(node, 'there');
  if (!sameClock(at, own, showrooms)) {
    const time = timeOf(at, showrooms);
    part(there, 'clock').textContent = time;
    part(there, 'spoken').textContent = t('book.there.short', { time });
    show(there, true);
  }
  node.querySelector('button')?.addEventListener('click', () => pick(at));
  return node;
}
