// @ts-check
/**
 * What only this tab knows of its call: which devices the advisor switched off, the form that is not
 * sent yet, and the lead's sheet as long as the server has not got it. It outlives a reload and
 * another language, and goes with the call.
 */

const KEY = 'call';

/** @typedef {import('../lead/lead').Sheet} Sheet */
/**
 * @typedef {object} Known
 * @property {import('../capture.js').Kind[]} [off]
 * @property {Record<string, string>} [form]
 * @property {{base: Sheet, sheet: Sheet} | null} [sheet]
 */

/** What is known of this call; nothing of any other. @returns {Known} */
export function recall(/** @type {string} */ call) {
  const kept = read();
  return kept.call === call ? kept : {};
}

/** Keep this of a call, beside what is kept of it already. */
export function remember(/** @type {string} */ call, /** @type {Known} */ known) {
  write(JSON.stringify({ ...recall(call), ...known, call }));
}

/** The call is over. */
export function forget() {
  write('');
}

/** @returns {Known & {call?: string}} */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) || '{}');
  } catch {
    return {};
  }
}

/** A browser that keeps nothing is no reason to lose the call. */
function write(/** @type {string} */ text) {
  try {
    sessionStorage.setItem(KEY, text);
  } catch {}
}
