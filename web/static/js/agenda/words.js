// @ts-check
/** Days, hours and visits in words; dates are local ones, like `2026-03-02`. */
import { languageName, locale, t, timeOf } from '../words.js';

/** @typedef {import('./agenda').Visit} Visit */
/** @typedef {import('./agenda').Shift} Shift */
/** @typedef {import('./axis.js').Day} Day */

const DAY_MS = 24 * 3600 * 1000;

/** The date so many days later. */
export function later(/** @type {string} */ date, /** @type {number} */ days) {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The Monday of a date's week. */
export function mondayOf(/** @type {string} */ date) {
  return later(date, -((new Date(Date.parse(date)).getUTCDay() + 6) % 7));
}

/** @param {string} date @param {Intl.DateTimeFormatOptions} options */
function say(date, options) {
  return new Date(Date.parse(date)).toLocaleDateString(locale, { timeZone: 'UTC', ...options });
}

/** A date in full: `Monday 2 March`. */
export const fullDate = (/** @type {string} */ date) =>
  say(date, { weekday: 'long', day: 'numeric', month: 'long' });

/** A date above a column: `Mon 2`. */
export const shortDate = (/** @type {string} */ date) =>
  say(date, { weekday: 'short', day: 'numeric' });

/** From one date to another: `2–8 March`, with the year where it is another than `now`'s. */
export function dateRange(
  /** @type {string} */ first,
  /** @type {string} */ last,
  /** @type {string} */ now,
) {
  const far = [first, last].some((date) => date.slice(0, 4) !== now.slice(0, 4));
  const format = new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'long',
    ...(far && { year: 'numeric' }),
  });
  return format.formatRange(new Date(Date.parse(first)), new Date(Date.parse(last)));
}

/** From when until when, on a zone's clock; it stays on one line. */
export function timeSpan(
  /** @type {number} */ from,
  /** @type {number} */ until,
  /** @type {string} */ zone,
) {
  const text = t('agenda.span', { from: timeOf(from, zone), until: timeOf(until, zone) });
  return text.replaceAll(' ', '\u00a0');
}

/** An advisor's hours of one day. */
export function hoursOf(
  /** @type {Shift | undefined} */ shift,
  /** @type {Day} */ day,
  /** @type {string} */ zone,
) {
  const spans = (shift?.working ?? [])
    .map(([from, until]) => [Math.max(from, day.from), Math.min(until, day.until)])
    .filter(([from = 0, until = 0]) => from < until);
  if (spans.length === 0) return t('agenda.off');
  const [[from = 0, until = 0] = []] = spans;
  if (spans.length === 1 && from === day.from && until === day.until) return t('agenda.all_day');
  return spans.map(([a = 0, b = 0]) => timeSpan(a, b, zone)).join(', ');
}

/** How a visit stands, as a key of its words: `late` when its customer should be here. */
export function stateOf(/** @type {Visit} */ visit, /** @type {number} */ now) {
  if (visit.state === 'cancelled' && visit.end_reason === 'called_off') return 'called_off';
  return visit.state === 'booked' && now > visit.starts_at ? 'late' : visit.state;
}

/**
 * The car and the language, and what stands before them.
 *
 * @param {Visit} visit
 * @param {Record<string, string>} cars names by slug
 * @param {...string} before
 */
export function whatOf(visit, cars, ...before) {
  const car = visit.vehicle && (cars[visit.vehicle] ?? visit.vehicle);
  return [...before, car, languageName(visit.language)].filter(Boolean).join(' · ');
}
