// @ts-check
/** The note that a visit's page leaves for the call's, in the same tab: this call is a visit. */

const KEY = 'visit';

/**
 * @typedef {{call: string, token: string, advisor: string | null, starts_at: number,
 *   missed?: boolean}} Expected `missed`: nobody came, and the page has said so
 */

/** Remember in this tab that a call is a booked visit. */
export function expect(/** @type {Expected} */ visit) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(visit));
  } catch {
    // Without storage the queue looks like everybody's; the place in it is the same.
  }
}

/** The visit that this call is, or null. @returns {Expected | null} */
export function expected(/** @type {string} */ call) {
  try {
    const visit = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    return visit?.call === call ? visit : null;
  } catch {
    return null;
  }
}
