// @ts-check
/** Which of an advisor's visits must be spoken of now, and how. Pure rules, no page. */

/** @typedef {import('../wire').Visit} Visit */
/** @typedef {{kind: 'waiting' | 'soon' | 'begun', visit: Visit, minutes: number}} Notice */

const MINUTE_MS = 60_000;
/** So long before the start a visit is announced, and so long after it the guest may still come. */
const SOON_MS = 10 * MINUTE_MS;
const MISSED_MS = 10 * MINUTE_MS;

/**
 * The one thing that an advisor must know now: a guest who waits comes before a visit that begins
 * soon, and that before one that has begun without its guest.
 *
 * @param {Visit[]} visits
 * @param {number} now the server's time
 * @param {string} [received] the visit whose guest is with the advisor already
 * @returns {Notice | null}
 */
export function noticeOf(visits, now, received) {
  const open = visits
    .filter((one) => one.id !== received)
    .sort((one, other) => one.starts_at - other.starts_at);
  const found = (/** @type {Notice['kind']} */ kind, /** @type {(one: Visit) => boolean} */ fits) => {
    const visit = open.find(fits);
    if (!visit) return null;
    return { kind, visit, minutes: Math.ceil((visit.starts_at - now) / MINUTE_MS) };
  };
  return (
    found('waiting', (one) => one.state === 'waiting' || one.state === 'host_no_show') ??
    found('soon', (one) => one.state === 'booked' && within(one.starts_at - now, SOON_MS)) ??
    found('begun', (one) => one.state === 'booked' && within(now - one.starts_at, MISSED_MS))
  );
}

function within(/** @type {number} */ ms, /** @type {number} */ most) {
  return ms >= 0 && ms <= most;
}

/** What a row of the list says of a visit's state; nothing of one that is yet to come. */
export function stateOf(/** @type {Visit} */ visit, /** @type {number} */ now) {
  if (visit.state !== 'booked') return visit.state;
  return now > visit.starts_at ? 'late' : '';
}
