// @ts-check
/**
 * What is known of a line before anything was sent on it, and the bitrate that a picture starts with.
 *
 * Browsers start at 300 kbit/s and grow within seconds, which makes the first frame late and small
 * on a good line, and kills a narrow one: what was sent too much stands in its queue for seconds.
 * So a description carries the start that its sender's line bears (`x-google-start-bitrate`,
 * understood by Chromium, ignored by others). Nothing is said where nothing is known.
 */
import { recall, remember } from './memory.js';

const GOOD_START_KBPS = 2500;
const GOOD_KBPS = 5000;
const NARROW_KBPS = 700;
/** Of a narrow line the picture and the sound may have this much at first. */
const SHARE = 0.7;
/** A smaller file says nothing about a line: most of its time is the round trip. */
const TELLING_BYTES = 12_000;
/** What was measured in a call is good for the next one within this time. */
const REMEMBERED_MS = 10 * 60_000;
const MEMORY = 'line';
const VIDEO_CODEC = /^a=rtpmap:(\d+) (?:VP8|VP9|H264|AV1)\/90000$/i;
const HINT = /;?\s?x-google-start-bitrate=\d+/g;

/**
 * @typedef {{transferSize: number, responseStart: number, responseEnd: number}} File
 */

/**
 * The rate of this device's line in kbit/s, or null if nothing is known.
 *
 * @param {File[]} files what the page came with (W3C resource-timing)
 * @param {string} memory of the last call's line
 * @param {{saveData?: boolean, downlink?: number}} [line] W3C Network Information
 */
export function knownRate(
  files = /** @type {any[]} */ ([
    ...performance.getEntriesByType('navigation'),
    ...performance.getEntriesByType('resource'),
  ]),
  memory = recall(MEMORY),
  line = /** @type {any} */ (globalThis.navigator)?.connection,
) {
  const told = [rateOf(files), remembered(memory, Date.now())].filter((one) => one !== null);
  // The browser's own estimate: 10 Mbit/s is also what it says when it doesn't know.
  if (line?.downlink && line.downlink * 1000 < NARROW_KBPS) told.push(line.downlink * 1000);
  if (!told.length) return null;
  const least = Math.min(...told);
  return line?.saveData ? Math.min(least, GOOD_KBPS - 1) : least;
}

/**
 * How fast files came, in kbit/s: all their bytes over the time in which any of them came. Files
 * from the cache tell nothing.
 *
 * @param {File[]} files
 */
export function rateOf(files) {
  const came = files.filter((one) => one.transferSize > 0);
  if (!came.some((one) => one.transferSize >= TELLING_BYTES)) return null;
  const bytes = came.reduce((sum, one) => sum + one.transferSize, 0);
  let [busy, until] = [0, 0];
  for (const one of came.sort((a, b) => a.responseStart - b.responseStart)) {
    busy += Math.max(0, one.responseEnd - Math.max(until, one.responseStart));
    until = Math.max(until, one.responseEnd);
  }
  return (bytes * 8) / Math.max(1, busy);
}

/** Remember for the next call what a line bore in kbit/s, or null for one that was wide enough. */
export function rememberRate(/** @type {number | null} */ rate) {
  const narrow = rate !== null && rate < NARROW_KBPS;
  remember(MEMORY, narrow ? `${Math.round(rate)} ${Date.now()}` : '');
}

/** @param {string} memory @param {number} now milliseconds */
export function remembered(memory, now) {
  const [rate = 0, at = 0] = memory.split(' ').map(Number);
  return rate > 0 && at > 0 && now - at < REMEMBERED_MS ? rate : null;
}

/** The start in kbit/s on a line of this rate, or null for the browser's own. */
export function startOf(/** @type {number | null} */ rate) {
  if (rate === null) return null;
  if (rate >= GOOD_KBPS) return GOOD_START_KBPS;
  return rate < NARROW_KBPS ? Math.round(rate * SHARE) : null;
}

/**
 * The start on which both sides' lines agree: that of the narrower one, and a fast one only where
 * both are good.
 *
 * @param {number | null} ours @param {number | null} theirs
 */
export function agreed(ours, theirs) {
  const starts = [ours, theirs].map((one) => one ?? NARROW_KBPS);
  const least = Math.min(...starts);
  return least === NARROW_KBPS ? null : least;
}

/** The rate in bit/s of a line with this start, or null where it says nothing of a narrow line. */
export function rateBehind(/** @type {number | null} */ start) {
  return start !== null && start < NARROW_KBPS * SHARE ? (start / SHARE) * 1000 : null;
}

/** Whether a line of this rate is known to be narrow. */
export function isNarrow(/** @type {number | null} */ rate) {
  return rateBehind(startOf(rate)) !== null;
}

/** The start that a description asks for in kbit/s, or null. */
export function askedStart(/** @type {string} */ sdp) {
  const start = Number(/x-google-start-bitrate=(\d+)/.exec(sdp)?.[1] ?? 0);
  return start > 0 ? start : null;
}

/**
 * The same description with the wish for a start, in every video codec: the one that is used counts.
 *
 * @param {string} sdp RFC 8866
 * @param {number | null} start kbit/s, or null to ask for nothing
 * @param {boolean} [once] in the first codec alone: enough to tell the other side, and shorter
 */
export function withStart(sdp, start, once = false) {
  const lines = withoutStart(sdp).split('\r\n');
  if (start === null) return lines.join('\r\n');
  const codecs = lines.filter((line) => VIDEO_CODEC.test(line)).map((line) => VIDEO_CODEC.exec(line)?.[1]);
  const hinted = new Set(once ? codecs.slice(0, 1) : codecs);
  const hint = `x-google-start-bitrate=${start}`;
  return lines
    .flatMap((line) => {
      const payload = VIDEO_CODEC.exec(line)?.[1];
      const own = /^a=fmtp:(\d+) /.exec(line)?.[1];
      if (payload && hinted.has(payload) && !lines.some((one) => one.startsWith(`a=fmtp:${payload} `))) {
        return [line, `a=fmtp:${payload} ${hint}`];
      }
      return own && hinted.has(own) ? [`${line};${hint}`] : [line];
    })
    .join('\r\n');
}

/** Take the wish for a start out again. */
export function withoutStart(/** @type {string} */ sdp) {
  return sdp
    .split('\r\n')
    .filter((line) => !/^a=fmtp:\d+ x-google-start-bitrate=\d+$/.test(line))
    .map((line) => line.replace(HINT, ''))
    .join('\r\n');
}
