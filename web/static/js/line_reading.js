// @ts-check
/**
 * What a second of a connection says of the line that it sends on, from `getStats` (W3C
 * webrtc-stats).
 */

/**
 * @typedef {object} Counters
 * @property {number} at milliseconds
 * @property {number} bytes sent
 * @property {number} pictureBytes sent
 * @property {number} available bit/s, 0 where the browser doesn't say
 * @property {{key: string, lost: number}[]} reports of the other side: the share of packets that it
 *   missed; a new report has another key
 * @property {number | null} roundTrip milliseconds
 */

/**
 * @param {Iterable<any>} reports the values of an `RTCStatsReport`
 * @param {number} at milliseconds
 * @returns {Counters}
 */
export function readLine(reports, at) {
  const all = Array.from(reports);
  const transport = all.find((one) => one.type === 'transport');
  const pair = all.find((one) => one.id === transport?.selectedCandidatePairId);
  const heard = all.filter((one) => one.type === 'remote-inbound-rtp');
  const trips = [...heard.map((one) => one.roundTripTime), pair?.currentRoundTripTime].filter(
    (one) => one > 0,
  );
  const sent = all.filter((one) => one.type === 'outbound-rtp' && one.kind === 'video');
  return {
    at,
    bytes: pair?.bytesSent ?? 0,
    pictureBytes: sent.reduce((sum, one) => sum + (one.bytesSent ?? 0), 0),
    available: pair?.availableOutgoingBitrate ?? 0,
    reports: heard
      .filter((one) => one.fractionLost >= 0)
      .map((one) => ({ key: `${one.id} ${one.timestamp}`, lost: one.fractionLost })),
    roundTrip: trips.length ? Math.max(...trips) * 1000 : null,
  };
}

/**
 * The time between two readings, as the ladder takes it.
 *
 * @param {Counters} before
 * @param {Counters} after
 * @returns {import('./ladder.js').Reading & {sending: boolean}}
 */
export function between(before, after) {
  // What was told once counts once.
  const told = new Set(before.reports.map((one) => one.key));
  const news = after.reports.filter((one) => !told.has(one.key)).map((one) => one.lost);
  const seconds = Math.max(0.001, (after.at - before.at) / 1000);
  return {
    available: after.available || null,
    sent: (Math.max(0, after.bytes - before.bytes) * 8) / seconds,
    loss: news.length ? Math.max(...news) : null,
    roundTrip: after.roundTrip,
    sending: after.pictureBytes > before.pictureBytes,
  };
}
