// @ts-check
/** A random id, which nobody else makes; of the usual length nobody guesses it either. */
export function newId(bytes = 16) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
