// @ts-check
/** Slots as somebody reads them on their own clock: by day, and by part of the day. Pure. */
import { locale } from '../words.js';

const DAY_MS = 24 * 3600 * 1000;
/** How far clocks are put back at once: an hour, on Lord Howe half of one, at Troll two. */
const PUT_BACK_MS = [0.5, 1, 2].map((hours) => hours * 3600 * 1000);

/** @typedef {{starts_at: number, advisors: number}} Slot */
/** @typedef {{key: string, slots: Slot[]}} Day */
/** @typedef {'night' | 'morning' | 'afternoon' | 'evening'} Part */

/** The reader's own time zone, an IANA name; the showroom's where the browser knows none. */
export function ownZone(/** @type {string} */ showrooms) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return own && own !== 'Etc/Unknown' ? own : showrooms;
}

/** The local date of a moment, as `2026-03-02`. */
export function dayKey(/** @type {number} */ ms, /** @type {string} */ zone) {
  return format(ms, 'en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
}

/** The slots by local day, in their order. @returns {Day[]} */
export function byDay(/** @type {Slot[]} */ slots, /** @type {string} */ zone) {
  /** @type {Map<string, Day>} */
  const days = new Map();
  for (const slot of slots) {
    const key = dayKey(slot.starts_at, zone);
    const day = days.get(key) ?? { key, slots: [] };
    day.slots.push(slot);
    days.set(key, day);
  }
  return [...days.values()];
}

/** One day's slots by part of the day. @returns {[Part, Slot[]][]} */
export function byPart(/** @type {Slot[]} */ slots, /** @type {string} */ zone) {
  /** @type {Map<Part, Slot[]>} */
  const parts = new Map();
  for (const slot of slots) {
    const part = partOf(slot.starts_at, zone);
    parts.set(part, [...(parts.get(part) ?? []), slot]);
  }
  return [...parts];
}

/** @returns {Part} */
function partOf(/** @type {number} */ ms, /** @type {string} */ zone) {
  const hour = Number(format(ms, 'en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' }));
  if (hour < 6) return 'night';
  if (hour < 12) return 'morning';
  return hour < 18 ? 'afternoon' : 'evening';
}

/** The time of day, like `14:30`; one that the day has twice says which: `02:00 CEST`. */
export function timeOf(/** @type {number} */ ms, /** @type {string} */ zone) {
  const options = { timeZone: zone, ...whichClock(ms, zone) };
  return format(ms, locale, { ...options, hour: '2-digit', minute: '2-digit' });
}

/**
 * How a format tells a time from its double, in the night in which the clock is put back.
 *
 * @returns {{timeZoneName?: 'short'}}
 */
export function whichClock(/** @type {number} */ ms, /** @type {string} */ zone) {
  const shown = whole(ms, zone);
  const same = (/** @type {number} */ other) => whole(other, zone) === shown;
  const twice = PUT_BACK_MS.some((by) => same(ms - by) || same(ms + by));
  return twice ? { timeZoneName: 'short' } : {};
}

/** The day in full, like `Monday 2 March`. */
export function dateOf(/** @type {number} */ ms, /** @type {string} */ zone) {
  return format(ms, locale, { timeZone: zone, weekday: 'long', day: 'numeric', month: 'long' });
}

/** The day as people say it: today, tomorrow, or in full. */
export function nearDay(
  /** @type {number} */ ms,
  /** @type {string} */ zone,
  now = Date.now(),
) {
  const days = (Date.parse(dayKey(ms, zone)) - Date.parse(dayKey(now, zone))) / DAY_MS;
  if (days !== 0 && days !== 1) return dateOf(ms, zone);
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day');
}

/** The name of a zone as the reader's language has it, like `Central European Time`. */
export function zoneName(/** @type {string} */ zone, /** @type {number} */ ms) {
  try {
    const name = namedAs('longGeneric', zone, ms);
    // What is always the same has no generic name but an offset.
    return name.startsWith('GMT') ? namedAs('long', zone, ms) : name;
  } catch {
    return zone; // a browser that doesn't know the names of zones knows their codes
  }
}

function namedAs(
  /** @type {'longGeneric' | 'long'} */ timeZoneName,
  /** @type {string} */ zone,
  /** @type {number} */ ms,
) {
  const parts = Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName }).formatToParts(ms);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** Whether both zones' clocks show the same at this moment. */
export function sameClock(
  /** @type {number} */ ms,
  /** @type {string} */ one,
  /** @type {string} */ other,
) {
  return whole(ms, one) === whole(ms, other);
}

function whole(/** @type {number} */ ms, /** @type {string} */ zone) {
  const clock = /** @type {const} */ ({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return `${dayKey(ms, zone)} ${format(ms, 'en-GB', { timeZone: zone, ...clock })}`;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** A month has thousands of slots, and making a format is what costs. */
function format(
  /** @type {number} */ ms,
  /** @type {string} */ language,
  /** @type {Intl.DateTimeFormatOptions} */ options,
) {
  const key = language + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, known);
  return known.format(ms);
}
