// @ts-check
/**
 * Notice that the device changed its network.
 *
 * `moved`: the address is most likely another one (Wi-Fi to mobile, back from a hole). `maybe`:
 * the browser's estimate of the line changed, which also happens for no reason at all.
 *
 * @typedef {'moved' | 'maybe'} NetworkChange
 */

/** @param {(change: NetworkChange) => void} listener */
export function onNetworkChange(listener) {
  addEventListener('online', () => listener('moved'));
  // Network Information API: Chromium only, and `type` on phones only.
  const line = /** @type {any} */ (navigator).connection;
  let type = line?.type;
  line?.addEventListener?.('change', () => {
    const moved = line.type !== type && line.type !== 'none';
    type = line.type;
    listener(moved ? 'moved' : 'maybe');
  });
}
