// @ts-check
/**
 * What one peer connection sends: a track of each kind, and whether it may flow yet.
 *
 * Held senders are inactive (`RTCRtpEncodingParameters.active`, W3C webrtc-pc §5.2): they send
 * nothing at all, not even silence, and flow at once when they are let go.
 */

/** Pauses between tries, growing: under load a negotiation can take long. */
const PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/**
 * @typedef {'audio' | 'video'} Kind
 * @typedef {Record<Kind, MediaStreamTrack | null>} Tracks
 */

export class Senders {
  #pc;
  #tracks;
  #flowing;
  #activating = Promise.resolve();

  /**
   * @param {RTCPeerConnection} pc
   * @param {Tracks} tracks what to send once it may flow
   * @param {boolean} flowing whether media may flow from the start
   */
  constructor(pc, tracks, flowing) {
    this.#pc = pc;
    this.#tracks = { ...tracks };
    this.#flowing = flowing;
  }

  /** Let media flow, or hold it. */
  flow(/** @type {boolean} */ flowing) {
    if (flowing === this.#flowing) return;
    this.#flowing = flowing;
    this.activate();
  }

  /**
   * Send this track from now on, or nothing of its kind; needs no negotiation.
   *
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(kind, track) {
    this.#tracks[kind] = track;
    const transceiver = this.#pc.getTransceivers().find((one) => kindOf(one) === kind);
    if (transceiver && !this.#closed) await transceiver.sender.replaceTrack(track);
  }

  /** Make the sections of an offer, held from the start if need be. */
  offer() {
    for (const kind of /** @type {const} */ (['audio', 'video'])) {
      const { sender } = this.#pc.addTransceiver(kind, {
        direction: 'sendrecv',
        sendEncodings: [encodingOf(kind, this.#flowing)],
      });
      if (this.#tracks[kind]) sender.replaceTrack(this.#tracks[kind]);
    }
  }

  /** Give the offered sections this side's tracks, held before they can send. */
  async answer() {
    for (const transceiver of this.#pc.getTransceivers()) {
      if (transceiver.direction === 'sendrecv') continue;
      transceiver.direction = 'sendrecv';
      await this.activate();
      // Read only now: a camera that opened meanwhile must not be put out again.
      await transceiver.sender.replaceTrack(this.#tracks[kindOf(transceiver)]);
    }
  }

  /**
   * Bring all senders in line with whether media may flow. One run after the other: two that
   * overlap invalidate each other's parameters, and an accept right after the answer would be lost.
   */
  activate() {
    this.#activating = this.#activating.then(async () => {
      await Promise.all(this.#pc.getTransceivers().map((one) => this.#activateOne(one)));
    });
    return this.#activating;
  }

  get #closed() {
    return this.#pc.signalingState === 'closed';
  }

  async #activateOne(/** @type {RTCRtpTransceiver} */ transceiver) {
    const { sender } = transceiver;
    for (let pause = PAUSE_MS; !this.#closed; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const parameters = sender.getParameters();
      const wanted = encodingOf(kindOf(transceiver), this.#flowing);
      for (const encoding of parameters.encodings) Object.assign(encoding, wanted);
      try {
        await sender.setParameters(parameters);
        return;
      } catch {
        // A negotiation in between makes what was read stale: read it again.
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}

/**
 * How a kind is sent: sound goes before the picture when the line gets narrow.
 *
 * @param {Kind} kind
 * @param {boolean} active
 * @returns {RTCRtpEncodingParameters}
 */
function encodingOf(kind, active) {
  const priority = kind === 'audio' ? 'high' : 'low';
  return { active, priority, networkPriority: priority };
}

function kindOf(/** @type {RTCRtpTransceiver} */ transceiver) {
  return /** @type {Kind} */ (transceiver.receiver.track.kind);
}
