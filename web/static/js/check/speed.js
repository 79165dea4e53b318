// @ts-check
/** How fast real bytes come and go, in kbit/s. Short, and with few bytes on a slow line. */
import { csrfToken } from '../dom.js';

const DOWN_MS = 3000;
const LONGEST_MS = 9000;
/** Each try is greater than the one before, until one takes so long that its figure is true. */
const UP_SIZES = [16_000, 128_000, 1_000_000];
const LONG_ENOUGH_MS = 1000;
/** The first moment of a transfer is slower than its line (TCP's slow start). */
const WARM_UP_MS = 250;

/**
 * @param {string} url
 * @returns {Promise<number | null>} null when it could not be measured
 */
export async function measureDown(url) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), LONGEST_MS);
  /** @type {[number, number][]} when, and how many bytes had come by then */
  const marks = [];
  try {
    const answer = await fetch(url, { headers: heads(), cache: 'no-store', signal: stop.signal });
    const reader = answer.ok ? answer.body?.getReader() : null;
    for (let bytes = 0, began = performance.now(); reader; ) {
      const { value, done } = await reader.read();
      if (done) break;
      bytes += value.length;
      marks.push([performance.now(), bytes]);
      if (performance.now() - began > DOWN_MS) break;
    }
  } catch {
    // What came until then counts.
  }
  clearTimeout(timer);
  stop.abort();
  return rateOf(marks);
}

/**
 * The rate between the first bytes after the warm-up and the last; of all where that is nothing.
 *
 * @param {[number, number][]} marks
 */
export function rateOf(marks) {
  const first = marks[0];
  const last = marks[marks.length - 1];
  if (!first || !last || last === first) return null;
  const warm = marks.find(([at]) => at - first[0] >= WARM_UP_MS);
  const from = warm && last[0] - warm[0] >= WARM_UP_MS ? warm : first;
  const ms = Math.max(1, last[0] - from[0]);
  return Math.round(((last[1] - from[1]) * 8) / ms);
}

/**
 * @param {string} url
 * @returns {Promise<number | null>} null when it could not be measured
 */
export async function measureUp(url) {
  let rate = null;
  for (const size of UP_SIZES) {
    const began = performance.now();
    const sent = await send(url, size);
    const ms = performance.now() - began;
    // Nothing arrived in all this time: it is slower than this, which is all that can be said.
    if (sent === 'late') return rate ?? Math.floor((size * 8) / ms);
    if (sent === 'refused') return rate;
    rate = Math.round((size * 8) / ms);
    if (ms > LONG_ENOUGH_MS) break;
  }
  return rate;
}

/** @returns {Promise<'sent' | 'late' | 'refused'>} */
async function send(/** @type {string} */ url, /** @type {number} */ size) {
  const body = new Uint8Array(size);
  // At most 65,536 at once (W3C WebCryptoAPI §10.1.1); nothing on the way may make them smaller.
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(body.subarray(at, at + 65_536));
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), LONGEST_MS);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...heads(), 'Content-Type': 'application/octet-stream' },
      body,
      signal: stop.signal,
    });
    return answer.ok ? 'sent' : 'refused';
  } catch {
    return stop.signal.aborted ? 'late' : 'refused';
  } finally {
    clearTimeout(timer);
  }
}

function heads() {
  return { Accept: 'application/json', 'X-CSRF-Token': csrfToken() };
}
