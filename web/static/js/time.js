// @ts-check
/** Waiting: for a while, or for something within a while. */

/** @param {number} ms @returns {Promise<void>} */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * What the work brings, if it comes in time.
 *
 * @template T
 * @param {number} ms
 * @param {Promise<T>} work
 * @returns {Promise<T>} rejects with an `Error` named `late` by its message when it does not
 */
export function within(ms, work) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('late')), ms);
    work.then(resolve, reject).finally(() => clearTimeout(late));
  });
}
