// @ts-check
/**
 * What a browser remembers for us between pages. One that keeps nothing, because its owner blocks
 * it, throws at the first look: the page then works without.
 */

/** @param {string} key @returns {string} what was remembered, or an empty string */
export function recall(key) {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} key @param {string} text */
export function remember(key, text) {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Remembering is a comfort.
  }
}
