// @ts-check
/** When somebody should speak to a customer again: local days, in the showroom's zone. Pure rules. */
import { dayOf } from '../words.js';

const DAY_MS = 24 * 3600 * 1000;
/** A lead is due when the working day ends. */
const TIME = '18:00:00';

/** The date so many days after another. */
function later(/** @type {string} */ date, /** @type {number} */ days) {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/**
 * The days that one tap chooses: tomorrow, in three days, and the Monday after.
 *
 * @param {number} now
 * @param {string} zone
 * @returns {{name: 'tomorrow' | 'days' | 'week', date: string}[]}
 */
export function quickDays(now, zone) {
  const today = dayOf(now, zone);
  const weekday = (new Date(Date.parse(today)).getUTCDay() + 6) % 7;
  return [
    { name: 'tomorrow', date: later(today, 1) },
    { name: 'days', date: later(today, 3) },
    { name: 'week', date: later(today, 7 - weekday) },
  ];
}

/** The end of the working day of a date, with the zone's offset by then (RFC 3339). */
export function dueOn(/** @type {string} */ date, /** @type {string} */ zone) {
  return `${date}T${TIME}${offsetAt(`${date}T${TIME}`, zone)}`;
}

/** What a zone's clock differs from UTC by at a local time, `+01:00`. */
function offsetAt(/** @type {string} */ local, /** @type {string} */ zone) {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  const offset = (/** @type {number} */ ms) => {
    const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    return name.replace(/^GMT$/, 'GMT+00:00').slice(3);
  };
  // At first as if the local time were UTC; then it is known on which side of a clock change it is.
  const near = offset(Date.parse(`${local}Z`));
  return offset(Date.parse(`${local}${near}`));
}

/**
 * How a lead's due date stands: over, today, or later.
 *
 * @param {{due_at: string | null}} lead
 * @param {number} now
 * @param {string} zone
 * @returns {'' | 'overdue' | 'today' | 'later'}
 */
export function dueState({ due_at: at }, now, zone) {
  if (at === null) return '';
  const due = Date.parse(at);
  if (due <= now) return 'overdue';
  // What is due at midnight is due with the day before.
  return dayOf(due - 1, zone) === dayOf(now, zone) ? 'today' : 'later';
}
