// @ts-check
/**
 * What one peer connection sends: a track of each kind, and whether it may flow yet.
 *
 * Held senders are inactive (`RTCRtpEncodingParameters.active`, W3C webrtc-pc §5.2): they send
 * nothing at all, not even silence, and flow at once when they are let go.
 */
import { encode } from './encodings.js';

/** Forward error correction of the picture (RFC 5109, in RFC 2198). */
const FEC = ['video/red', 'video/ulpfec'];
const WANTED = new Set(['audio/opus', 'audio/red', 'video/VP8', 'video/AV1', 'video/rtx', ...FEC]);
/** Constrained baseline in packets of any size (RFC 6184 §8.1, RFC 7742 §6.2). */
const H264_ALL_HAVE = /^(?=.*packetization-mode=1)(?=.*profile-level-id=42e0)/;
/** Extensions of simulcast, of screens and of measurements (RFC 8285). */
const UNUSED = /toffset|playout-delay|video-content-type|video-timing|color-space|rtp-stream-id/;
const MUST = { audio: 'audio/opus', video: 'video/VP8' };

/**
 * @typedef {'audio' | 'video'} Kind
 * @typedef {Record<Kind, MediaStreamTrack | null>} Tracks
 */

export class Senders {
  #pc;
  #tracks;
  #flowing;
  #paused = false;
  /** Whether what is sent has sections of its own. */
  #apart = false;

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

  /** What is sent of this kind once it may flow. @param {Kind} kind */
  track(kind) {
    return this.#tracks[kind];
  }

  get flowing() {
    return this.#flowing;
  }

  /** Let media flow, or hold it. */
  flow(/** @type {boolean} */ flowing) {
    if (flowing === this.#flowing) return;
    this.#flowing = flowing;
    this.activate();
  }

  /** Keep the picture back, or send it again from a keyframe on, while media may flow. */
  pausePicture(/** @type {boolean} */ paused) {
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (!this.#closed) this.activate();
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

  /**
   * Make the sections of an offer, held from the start if need be.
   *
   * @param {'sendrecv' | 'sendonly'} direction
   * @param {Kind[]} kinds
   */
  offer(direction = 'sendrecv', kinds = ['audio', 'video']) {
    this.#apart = direction === 'sendonly';
    for (const kind of kinds) {
      const transceiver = this.#pc.addTransceiver(kind, {
        direction,
        sendEncodings: [encodingOf(kind, this.#flows(kind))],
      });
      slim(transceiver, kind);
      const { sender } = transceiver;
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

  /** The sections that send: beside those that do nothing else there are places that never will. */
  get sections() {
    return this.#pc.getTransceivers().filter((one) => !this.#apart || isSending(one));
  }

  /** Bring all senders in line with whether media may flow. */
  async activate() {
    await Promise.all(
      this.sections.map((one) =>
        encode(this.#pc, one.sender, 'flow', encodingOf(kindOf(one), this.#flows(kindOf(one)))),
      ),
    );
  }

  #flows(/** @type {Kind} */ kind) {
    return this.#flowing && !(this.#paused && kind === 'video');
  }

  get #closed() {
    return this.#pc.signalingState === 'closed';
  }
}

/**
 * Offer what calls are made of, and nothing else: a description with all that a browser knows takes
 * a second on a narrow line.
 *
 * @param {RTCRtpTransceiver} transceiver
 * @param {Kind} kind
 */
function slim(transceiver, kind) {
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.(kind)?.codecs ?? [];
  const wanted = codecs.filter(({ mimeType, sdpFmtpLine = '' }) => {
    if (mimeType === 'video/H264') return H264_ALL_HAVE.test(sdpFmtpLine);
    return WANTED.has(mimeType);
  });
  if (wanted.some((one) => one.mimeType === MUST[kind])) transceiver.setCodecPreferences?.(wanted);
  // W3C webrtc-extensions §9: not every browser lets a page choose.
  const choosing = /** @type {any} */ (transceiver);
  const extensions = choosing.getHeaderExtensionsToNegotiate?.();
  if (!extensions || !choosing.setHeaderExtensionsToNegotiate) return;
  for (const one of extensions) if (UNUSED.test(one.uri)) one.direction = 'stopped';
  choosing.setHeaderExtensionsToNegotiate(extensions);
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

function isSending(/** @type {RTCRtpTransceiver} */ transceiver) {
  return transceiver.direction === 'sendonly';
}

function kindOf(/** @type {RTCRtpTransceiver} */ transceiver) {
  return /** @type {Kind} */ (transceiver.receiver.track.kind);
}
