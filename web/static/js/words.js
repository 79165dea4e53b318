// @ts-check
/** The page's words in its language, and numbers, prices and times as that language writes them. */
import { dataBlock, forward } from './dom.js';

const language = document.documentElement.lang || 'en';
/**
 * Where a language is at home whose name alone means another country's way of writing it, as
 * `showroom/texts.py` has it: English with 24 hours and the day before the month, for one.
 *
 * @type {Record<string, string>}
 */
const HOMES = { en: 'en-GB', pt: 'pt-PT' };
export const locale = HOMES[language] ?? language;
/** @type {Record<string, string>} */
const words = dataBlock('words');
const DAY_MS = 24 * 3600 * 1000;
const plurals = new Intl.PluralRules(locale);

/**
 * The text behind a key, with `{name}` filled in. A missing key shows itself.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => own(values[name]) ?? whole);
}

/**
 * In a sentence that runs from the right, what is filled in keeps its own way: names, numbers with a
 * sign (Unicode, annex 9: first strong isolate).
 */
function own(/** @type {string | number | undefined} */ value) {
  return forward() < 0 && value !== undefined ? `\u2068${value}\u2069` : value?.toString();
}

/** The form of a text that the language has for so many, like `key.one`; `{n}` is the number. */
export function count(/** @type {string} */ key, /** @type {number} */ n, values = {}) {
  const form = `${key}.${plurals.select(n)}`;
  return t(form in words ? form : `${key}.other`, { n: n.toLocaleString(locale), ...values });
}

/**
 * What a refusal says to the user: by its code, or in the server's own words.
 *
 * @param {{code: string, message?: string, retryAfter?: number, retry_after?: number}} refused
 */
export function refusal({ code, message, retryAfter, retry_after: seconds }) {
  const key = `error.${code}`;
  if (key in words) return t(key, { seconds: retryAfter || seconds || 5 });
  return message || t('error.crashed');
}

/** @param {number} hundredths @param {string} currency */
export function money(hundredths, currency) {
  const whole = hundredths % 100 === 0 ? { maximumFractionDigits: 0 } : {};
  const options = { style: /** @type {const} */ ('currency'), currency, ...whole };
  return new Intl.NumberFormat(locale, options).format(hundredths / 100);
}

/** A duration as minutes and seconds, `4:05`, or with hours, `1:04:05`. */
export function clock(/** @type {number} */ ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** How long one has to wait, in words that promise no more than is known. */
export function waitInWords(/** @type {number | null} */ seconds) {
  if (seconds === null) return t('common.wait.unknown');
  if (seconds < 15) return t('common.wait.now');
  if (seconds < 60) return t('common.wait.under_a_minute');
  return count('common.wait.minutes', Math.ceil(seconds / 60));
}

/**
 * A moment in the reader's own time zone: the time today, with the weekday within the next or the
 * last six days, with the date on any other day. `more` is for a time that the day has twice.
 */
export function moment(
  /** @type {number} */ ms,
  zone = /** @type {string | undefined} */ (undefined),
  more = /** @type {{timeZoneName?: 'short'}} */ ({}),
) {
  const at = new Date(ms);
  const day = (/** @type {Date} */ date) =>
    Date.parse(date.toLocaleDateString('en-CA', { timeZone: zone }));
  const days = Math.abs(day(at) - day(new Date())) / DAY_MS;
  return at.toLocaleString(locale, {
    timeZone: zone,
    ...(days > 0 && { weekday: 'long' }),
    ...(days > 6 && { day: 'numeric', month: 'long' }),
    hour: '2-digit',
    minute: '2-digit',
    ...more,
  });
}

/** The time of day at a moment in a zone, `14:05`. @param {number} ms @param {string} zone */
export function timeOf(ms, zone) {
  const options = /** @type {const} */ ({ timeZone: zone, hour: '2-digit', minute: '2-digit' });
  return new Date(ms).toLocaleTimeString(locale, options);
}

/** The date of a moment in a zone, `2026-03-02`. @param {number} ms @param {string} zone */
export function dayOf(ms, zone) {
  return new Date(ms).toLocaleDateString('en-CA', { timeZone: zone });
}

/** The name of a language in the page's own. */
export function languageName(/** @type {string} */ code) {
  return nameOf(code, 'language');
}

/** The name of a country (ISO 3166-1) in the page's language. */
export function countryName(/** @type {string} */ code) {
  return nameOf(code, 'region');
}

function nameOf(/** @type {string} */ code, /** @type {'language' | 'region'} */ type) {
  return new Intl.DisplayNames([locale], { type }).of(code) ?? code;
}
