// @ts-check
/**
 * Notices that a line that was full of packets has gone silent. A device that got another address
 * does not always say so, and browsers need 5 s to notice a dead pair by themselves.
 */
import { pairTraffic } from './quality.js';

const LOOK_MS = 300;
/** Looks in a row with news before silence means anything: nobody sends much on a call that rests. */
const DENSE = 6;
/** Comfort noise comes every 0.4 s; a narrow line has pauses of its own. */
const SILENT_MS = 900;
const NARROW_SILENT_MS = 2500;

/** @typedef {{traffic: number, dense: number, since: number}} Watch `since`: the last news */

/** @type {Watch} */
export const FRESH = { traffic: -1, dense: 0, since: 0 };

/**
 * @param {Watch} watch
 * @param {number} traffic what came so far
 * @param {number} now milliseconds
 * @param {boolean} narrow
 * @returns {{watch: Watch, silent: boolean}}
 */
export function look(watch, traffic, now, narrow) {
  if (traffic !== watch.traffic) {
    return { watch: { traffic, dense: watch.dense + 1, since: now }, silent: false };
  }
  const silent = now - watch.since >= (narrow ? NARROW_SILENT_MS : SILENT_MS);
  if (silent) return { watch: FRESH, silent: watch.dense >= DENSE };
  return { watch, silent: false };
}

/**
 * Probe the present link whenever it goes silent.
 *
 * @param {() => import('./keeper.js').AnyLink | null} present
 */
export function watchSilence(present) {
  /** @type {import('./keeper.js').AnyLink | null} */
  let watched = null;
  let watch = FRESH;
  setInterval(async () => {
    const link = present();
    if (link !== watched || link?.health !== 'up' || !link.sending) {
      watched = link;
      watch = FRESH;
    }
    if (!link?.sending || link.health !== 'up') return;
    const traffic = await pairTraffic(link.connection);
    if (link !== watched) return;
    const seen = look(watch, traffic, performance.now(), link.ladder.rung.height <= 180);
    watch = seen.watch;
    if (seen.silent && !link.mending) link.probe();
  }, LOOK_MS);
}
