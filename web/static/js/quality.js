// @ts-check
/**
 * What a connection did in the last seconds, from `getStats` (W3C webrtc-stats).
 *
 * Counters in the statistics grow for ever; a sample is the difference of two readings.
 */

const EVERY_MS = 5000;

/**
 * One reading of the growing counters and of what is true at that moment.
 *
 * @typedef {object} Reading
 * @property {number} at milliseconds
 * @property {number} bytesIn
 * @property {number} bytesOut
 * @property {number} received packets
 * @property {number} lost packets
 * @property {number} frames decoded
 * @property {number} freezes
 * @property {number} frozen milliseconds
 * @property {number} samples of sound played
 * @property {number} concealed samples made up, silence apart
 * @property {number | null} roundTrip milliseconds
 * @property {number} width
 * @property {number} height
 * @property {string} limitation
 * @property {boolean} relayed
 * @property {boolean} tcp
 */

/**
 * @param {Iterable<any>} reports the values of an `RTCStatsReport`
 * @param {number} at milliseconds
 * @returns {Reading}
 */
export function readStats(reports, at) {
  const all = Array.from(reports);
  const inbound = all.filter((one) => one.type === 'inbound-rtp');
  const video = inbound.find((one) => one.kind === 'video') ?? {};
  const audio = inbound.find((one) => one.kind === 'audio') ?? {};
  const sent = all.find((one) => one.type === 'outbound-rtp' && one.kind === 'video') ?? {};
  const pair = chosenPair(all);
  const local = all.find((one) => one.id === pair?.localCandidateId);
  const remote = all.find((one) => one.id === pair?.remoteCandidateId);
  return {
    at,
    bytesIn: pair?.bytesReceived ?? 0,
    bytesOut: pair?.bytesSent ?? 0,
    received: sum(inbound, 'packetsReceived'),
    lost: sum(inbound, 'packetsLost'),
    frames: video.framesDecoded ?? 0,
    freezes: video.freezeCount ?? 0,
    frozen: (video.totalFreezesDuration ?? 0) * 1000,
    samples: audio.totalSamplesReceived ?? 0,
    concealed: (audio.concealedSamples ?? 0) - (audio.silentConcealedSamples ?? 0),
    roundTrip: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
    width: video.frameWidth ?? 0,
    height: video.frameHeight ?? 0,
    limitation: sent.qualityLimitationReason ?? 'none',
    relayed: local?.candidateType === 'relay' || remote?.candidateType === 'relay',
    // To a TURN server it is another protocol than from there on.
    tcp: ['tcp', 'tls'].includes(local?.relayProtocol ?? local?.protocol),
  };
}

/**
 * The `quality` message for the time between two readings, or null if no time has passed.
 *
 * @param {Reading} before
 * @param {Reading} after
 * @param {number} link
 */
export function sampleBetween(before, after, link) {
  const seconds = (after.at - before.at) / 1000;
  if (seconds <= 0) return null;
  const grown = (/** @type {keyof Reading} */ key) =>
    Math.max(0, /** @type {number} */ (after[key]) - /** @type {number} */ (before[key]));
  const lost = grown('lost');
  return {
    link,
    // A page that slept reports the time it slept; the protocol takes a minute at most.
    seconds: Math.min(seconds, 60),
    bitrate_in: Math.round((grown('bytesIn') * 8) / seconds),
    bitrate_out: Math.round((grown('bytesOut') * 8) / seconds),
    loss: share(lost, lost + grown('received')),
    round_trip_ms: after.roundTrip === null ? null : Math.min(after.roundTrip, 60_000),
    frames: grown('frames'),
    width: after.width,
    height: after.height,
    freezes: grown('freezes'),
    frozen_ms: Math.round(grown('frozen')),
    concealed: share(grown('concealed'), grown('samples')),
    limitation: after.limitation,
    relayed: after.relayed,
    tcp: after.tcp,
  };
}

/**
 * Whether what arrives is so bad that the page should say so.
 *
 * @param {NonNullable<ReturnType<typeof sampleBetween>>} sample
 */
export function looksPoor(sample) {
  return (
    sample.loss > 0.08 ||
    sample.concealed > 0.1 ||
    sample.frozen_ms > sample.seconds * 200 ||
    (sample.round_trip_ms ?? 0) > 600
  );
}

/** The bytes that arrived on the chosen pair so far; media and connectivity checks alike. */
export async function pairTraffic(/** @type {RTCPeerConnection} */ connection) {
  const pair = chosenPair(Array.from((await connection.getStats()).values()));
  return (pair?.bytesReceived ?? 0) + (pair?.responsesReceived ?? 0);
}

/** What congestion control lets this side send on the chosen pair, in bit/s; null if unknown. */
export async function pairEstimate(/** @type {RTCPeerConnection} */ connection) {
  const pair = chosenPair(Array.from((await connection.getStats()).values()));
  return pair?.availableOutgoingBitrate ?? null;
}

/**
 * What the other side means to send: nothing on hold, sound without a camera, or all of it. A
 * picture that nobody sends is no fault of the line.
 *
 * @typedef {'nothing' | 'sound' | 'all'} Expected
 */

/**
 * @param {boolean} held
 * @param {{camera: boolean, paused: boolean, rung: import('./wire').Rung} | null} other what the
 *   other side says it sends
 * @returns {Expected}
 */
export function expectedFrom(held, other) {
  if (held) return 'nothing';
  // Stills come as a picture of their own, which no statistics know.
  return other?.camera && !other.paused && other.rung !== 'stills' ? 'all' : 'sound';
}

/** The same sample, without what it says of the picture. */
export function soundOnly(/** @type {NonNullable<ReturnType<typeof sampleBetween>>} */ sample) {
  return { ...sample, frames: 0, width: 0, height: 0, freezes: 0, frozen_ms: 0 };
}

/** Measures one link after the other, and tells the server and the page. */
export class QualityMeter {
  /** @type {Reading | null} */
  #last = null;
  /** @type {Expected} */
  #expected = 'all';
  /** @type {import('./keeper.js').AnyLink | null} */
  #link = null;

  /**
   * @param {(sample: object) => void} send
   * @param {(poor: boolean) => void} judge
   */
  constructor(send, judge) {
    this.send = send;
    this.judge = judge;
    setInterval(() => this.#measure(), EVERY_MS);
  }

  /** Measure this link from now on, or none. */
  follow(/** @type {import('./keeper.js').AnyLink | null} */ link) {
    if (link === this.#link) return;
    this.#link = link;
    this.#last = null;
    this.judge(false);
  }

  /** Measure by this from now on: what stopped and began in between is in no sample. */
  expect(/** @type {Expected} */ expected) {
    if (expected === this.#expected) return;
    this.#expected = expected;
    this.#last = null;
    this.judge(false);
  }

  async #measure() {
    const link = this.#link;
    const expected = this.#expected;
    if (link?.health !== 'up' || expected === 'nothing') return;
    const reports = (await link.connection.getStats()).values();
    if (link !== this.#link || expected !== this.#expected) return;
    const now = readStats(reports, performance.now());
    const between = this.#last && sampleBetween(this.#last, now, link.number);
    this.#last = now;
    if (!between) return;
    const sample = expected === 'all' ? between : soundOnly(between);
    this.send(sample);
    this.judge(looksPoor(sample));
  }
}

/** @param {any[]} reports */
function chosenPair(reports) {
  const transport = reports.find((one) => one.type === 'transport');
  const chosen = transport?.selectedCandidatePairId;
  return reports.find(
    (one) =>
      one.type === 'candidate-pair' &&
      // Firefox has no transport report, but marks the pair itself.
      (chosen ? one.id === chosen : one.nominated && one.state === 'succeeded'),
  );
}

/** @param {any[]} reports @param {string} key */
function sum(reports, key) {
  return reports.reduce((total, one) => total + (one[key] ?? 0), 0);
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}
