// @ts-check
/**
 * Where moments stand in an agenda whose rows are the hours of the showroom's clock. Pure rules.
 *
 * When the clocks go forward a day lacks a row, and when they go back one comes twice: days side by
 * side share the rows that any of them has, so that nine o'clock is on one line in all of them.
 */

/**
 * @typedef {{from: number, until: number, hour: number, minute: number, again: boolean}} Hour
 * @typedef {{date: string, from: number, until: number, hours: Hour[]}} Day
 * @typedef {[number, number]} Span from, until, in UTC milliseconds
 * @typedef {{from: number, until: number}} Stretch in rows, from the first one shown
 */

const MINUTE_MS = 60_000;
/** What is shown of days without anything in them, and no fewer rows than that. */
const EMPTY = { from: 9, until: 18 };
const FEWEST = 6;

/** The row of an hour: rows are ordered by the clock, a second passing after the first. */
const keyOf = (/** @type {Hour} */ { hour, again }) => hour * 2 + Number(again);

export class Axis {
  #keys;
  #first = 0;
  #last;

  /** @param {Day[]} days @param {Span[]} spans what must be in sight */
  constructor(days, spans) {
    const keys = new Set(days.flatMap((day) => day.hours.map(keyOf)));
    this.#keys = [...keys].sort((a, b) => a - b);
    this.#last = this.#keys.length;
    const seen = days.flatMap((day) =>
      spans.map((span) => this.stretch(day, ...span)).filter((one) => one !== null),
    );
    this.#narrow(
      seen.length
        ? {
            from: Math.floor(Math.min(...seen.map((one) => one.from))),
            until: Math.ceil(Math.max(...seen.map((one) => one.until))),
          }
        : EMPTY,
    );
  }

  #narrow(/** @type {Stretch} */ { from, until }) {
    const all = this.#keys.length;
    this.#last = Math.min(all, Math.max(until, from + FEWEST));
    this.#first = Math.max(0, Math.min(from, this.#last - FEWEST));
  }

  /** The rows in sight: the hour of each, and whether it comes a second time. */
  get rows() {
    const shown = this.#keys.slice(this.#first, this.#last);
    return shown.map((key) => ({ hour: key >> 1, again: key % 2 === 1 }));
  }

  /** Which part of a day's rows a span takes; nothing where none of it is in sight. */
  stretch(
    /** @type {Day} */ day,
    /** @type {number} */ from,
    /** @type {number} */ until,
  ) {
    const begins = Math.max(from, day.from);
    const ends = Math.min(until, day.until);
    if (begins >= ends) return null;
    const rows = this.#last - this.#first;
    const above = Math.max(0, this.#at(day, begins) - this.#first);
    const below = Math.min(rows, this.#at(day, ends, true) - this.#first);
    return above < below ? { from: above, until: below } : null;
  }

  /** The rows that a day doesn't have: its clock never shows these hours, or only once. */
  gaps(/** @type {Day} */ day) {
    const own = new Set(day.hours.map(keyOf));
    const shown = this.#keys.slice(this.#first, this.#last);
    return shown.flatMap((key, row) => (own.has(key) ? [] : [row]));
  }

  /** How many rows of all lie above a moment; `end`: of a span, whose last hour it closes. */
  #at(/** @type {Day} */ day, /** @type {number} */ ms, end = false) {
    const piece = day.hours.find((one) =>
      end ? one.from < ms && ms <= one.until : one.from <= ms && ms < one.until,
    );
    if (!piece) return ms <= day.from ? 0 : this.#keys.length;
    const minutes = piece.minute + (ms - piece.from) / MINUTE_MS;
    return this.#keys.indexOf(keyOf(piece)) + minutes / 60;
  }
}

/**
 * Give what overlaps lanes side by side: which lane each one has, and of how many.
 *
 * @template {{starts_at: number, ends_at: number}} T
 * @param {T[]} visits
 * @returns {{visit: T, lane: number, lanes: number}[]} by their start
 */
export function inLanes(visits) {
  const sorted = [...visits].sort((a, b) => a.starts_at - b.starts_at || a.ends_at - b.ends_at);
  /** @type {{visit: T, lane: number, lanes: number}[]} */
  const placed = [];
  /** @type {{visit: T, lane: number, lanes: number}[]} those that overlap one another */
  let knot = [];
  /** @type {number[]} when each lane of the knot is free again */
  let free = [];
  const close = () => {
    for (const one of knot) one.lanes = free.length;
    placed.push(...knot);
    knot = [];
    free = [];
  };
  for (const visit of sorted) {
    if (free.every((until) => until <= visit.starts_at)) close();
    const found = free.findIndex((until) => until <= visit.starts_at);
    const lane = found < 0 ? free.length : found;
    free[lane] = visit.ends_at;
    knot.push({ visit, lane, lanes: 1 });
  }
  close();
  return placed;
}
