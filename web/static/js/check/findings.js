// @ts-check
/** What a check found, in words: for the customer while it runs, and for the advisor who asks. */

/**
 * @typedef {import('./ways.js').Outcome} Outcome
 * @typedef {object} LineCheck as the server keeps it
 * @property {Outcome} browser
 * @property {string} camera `works`, or the name of an error of W3C mediacapture-streams
 * @property {string} microphone the same, or `silent`
 * @property {Outcome} socket
 * @property {Outcome} udp
 * @property {Outcome} tcp
 * @property {Outcome} tls
 * @property {number | null} down kbit/s
 * @property {number | null} up kbit/s
 *
 * @typedef {'good' | 'fair' | 'bad' | 'off'} Mark
 * @typedef {object} Finding
 * @property {Mark} mark
 * @property {string} key of its words
 * @property {number} [kbit] a speed to fill in
 */

export const LINES = /** @type {const} */ ([
  'browser',
  'camera',
  'microphone',
  'socket',
  'udp',
  'tcp',
  'tls',
  'down',
  'up',
]);
/** @typedef {(typeof LINES)[number]} Line */

/** From how many kbit/s on a line is good for what; the ladder of a call has the same rungs. */
const RATES = /** @type {const} */ ([
  [2500, 'hd', 'good'],
  [800, 'clear', 'good'],
  [200, 'small', 'fair'],
  [40, 'stills', 'fair'],
  [0, 'none', 'bad'],
]);
/** @type {Record<Outcome, Mark>} */
const MARKS = { works: 'good', fails: 'bad', off: 'off', untried: 'off' };

/** @param {Line} line @param {string | number | null} value @returns {Finding} */
export function findingOf(line, value) {
  if (line === 'down' || line === 'up') return speedOf(/** @type {number | null} */ (value));
  if (line === 'camera' || line === 'microphone') return deviceOf(line, String(value));
  const outcome = /** @type {Outcome} */ (value);
  // A way that is blocked is no harm where another works, but whoever reads this should know.
  const shared = outcome === 'off' || outcome === 'untried';
  return { mark: MARKS[outcome], key: shared ? `check.${outcome}` : `check.${line}.${outcome}` };
}

/** @param {number | null} kbit @returns {Finding} */
function speedOf(kbit) {
  if (kbit === null) return { mark: 'off', key: 'check.speed.unknown' };
  const [, name, mark] = rateOf(kbit);
  return { mark, key: `check.speed.${name}`, kbit };
}

function rateOf(/** @type {number} */ kbit) {
  return RATES.find(([least]) => kbit >= least) ?? RATES[4];
}

/** @param {'camera' | 'microphone'} line @param {string} value @returns {Finding} */
function deviceOf(line, value) {
  if (value === 'works') return { mark: 'good', key: `check.${line}.works` };
  if (value === 'silent') return { mark: 'fair', key: 'check.microphone.silent' };
  return { mark: 'bad', key: `call.capture.${value}` };
}

/**
 * All of it in one sentence: the worst that is true.
 *
 * @param {LineCheck} check
 * @returns {string} `check.verdict.<this>` are its words
 */
export function verdictOf(check) {
  const ways = [check.udp, check.tcp, check.tls];
  if (check.browser === 'fails') return 'browser';
  if (check.socket === 'fails') return 'socket';
  if (ways.includes('fails') && !ways.includes('works')) return 'closed';
  if (check.down !== null) {
    const name = rateOf(check.down)[1];
    if (name === 'none') return 'slow';
    if (name === 'stills' || name === 'small') return name;
  }
  if (check.udp === 'fails') return 'detour';
  const devices = [check.camera, check.microphone];
  return devices.every((one) => one === 'works' || one === 'silent') ? 'good' : 'watch';
}
