// @ts-check
/**
 * One link: one peer connection between the two sides of a call (PROTOCOL.md, "Media").
 *
 * Perfect negotiation as in W3C webrtc-pc §10.7, with the customer as the side that offers first
 * and is polite. Both sides connect while it rings with their senders held, so that the picture
 * needs no set-up when the advisor accepts. A new link is a new object; a closed one is deaf.
 */
import { Emitter } from './emitter.js';
import { pairTraffic } from './quality.js';
import { Senders } from './senders.js';
import { lineIsGood, withFastStart, withoutFastStart } from './start_bitrate.js';

/** How long a new connection may take before the first repair: a slow relay needs 7 s. */
const PATIENCE_MS = 8000;
/** An offer that nobody answered by then is sent once more: the other page was perhaps away. */
const REPEAT_MS = 2500;
/** Pauses between repairs; the first two restart ICE, the others ask for a fresh link. */
const REPAIR_PAUSES_MS = [2500, 4000, 8000, 12000];
const RESTARTS = 2;
/** A live pair carries a packet every 30 ms or so. */
const SILENCE_MS = 400;
/** A description that nobody acknowledged in this time means that the line is dead. */
const ANSWER_MS = 3000;

/**
 * @typedef {import('./senders.js').Tracks} Tracks
 * @typedef {'new' | 'up' | 'down'} Health
 * @typedef {object} LinkOptions
 * @property {number} number the link's number in the call
 * @property {import('./wire').Ice} ice
 * @property {boolean} offers this side makes the first offer, and is the polite one
 * @property {boolean} sending whether media may flow from the start
 * @property {Tracks} tracks what to send once it may flow
 * @property {(event: string, payload: object, wait?: number) => Promise<unknown>} send
 */

/** @extends {Emitter<{health: Health, lost: null}>} */
export class Link extends Emitter {
  /** What the other side sends. */
  remote = new MediaStream();
  /** @type {Health} */
  health = 'new';

  #options;
  #pc;
  #senders;
  #closed = false;
  #making = false;
  #ignoring = false;
  /** Incoming signals are taken one by one, in the order of the wire. */
  #tail = Promise.resolve();
  /** @type {RTCIceCandidateInit[]} candidates that came before their description */
  #early = [];
  #repairs = 0;
  #timer = 0;

  /** @param {LinkOptions} options */
  constructor(options) {
    super();
    this.#options = options;
    const pc = (this.#pc = new RTCPeerConnection({
      iceServers: options.ice.servers,
      iceTransportPolicy: options.ice.policy,
      bundlePolicy: 'max-bundle',
    }));
    this.#senders = new Senders(pc, options.tracks, options.sending);
    pc.ontrack = ({ track }) => this.remote.addTrack(track);
    pc.onicecandidate = ({ candidate }) => candidate && this.#sendCandidate(candidate);
    pc.onconnectionstatechange = () => this.#connectionChanged();
    pc.onnegotiationneeded = () => this.#negotiate();
    this.#timer = setTimeout(() => this.#unanswered(), REPEAT_MS);
    if (options.offers) this.#senders.offer();
  }

  get number() {
    return this.#options.number;
  }

  get connection() {
    return this.#pc;
  }

  /** Let media flow, or hold it: held senders send nothing at all, not even silence. */
  setSending(/** @type {boolean} */ sending) {
    this.#senders.flow(sending);
  }

  /**
   * Send this track from now on, or nothing of its kind; needs no negotiation.
   *
   * @param {import('./senders.js').Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  setTrack(kind, track) {
    return this.#senders.setTrack(kind, track);
  }

  /** Take a signal of the other side that belongs to this link. */
  receive(/** @type {import('./wire').Signal} */ signal) {
    this.#tail = this.#tail.then(() => this.#take(signal)).catch(() => this.repair());
  }

  /**
   * Restart ICE if nothing arrives on the chosen pair any more, or the connection is known to be
   * down. Browsers need 5 s to notice a dead pair by themselves.
   */
  async probe() {
    if (this.#closed) return;
    // What was said while the line was down may be lost: both sides take a repetition.
    if (this.health === 'new') return this.#sendDescription();
    if (this.health === 'down') return this.#repairNow();
    const before = await pairTraffic(this.#pc);
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    if (!this.#closed && (await pairTraffic(this.#pc)) === before) this.#repairNow();
  }

  /** Restart ICE now; while a repair is under way this does nothing. */
  repair() {
    if (this.#closed || this.#timer) return;
    const attempt = this.#repairs++;
    const pause = REPAIR_PAUSES_MS[Math.min(attempt, REPAIR_PAUSES_MS.length - 1)];
    this.#timer = setTimeout(() => this.#unmended(), pause);
    if (attempt < RESTARTS && this.#pc.remoteDescription) this.#restart();
    else this.#send('relink', { link: this.number });
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    const pc = this.#pc;
    pc.ontrack = pc.onicecandidate = pc.onconnectionstatechange = pc.onnegotiationneeded = null;
    pc.close();
  }

  #repairNow() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.repair();
  }

  #unanswered() {
    if (this.#pc.signalingState === 'have-local-offer') this.#sendDescription();
    this.#timer = setTimeout(() => this.#unmended(), PATIENCE_MS - REPEAT_MS);
  }

  #unmended() {
    this.#timer = 0;
    if (this.health !== 'up') this.repair();
  }

  #restart() {
    if (this.#pc.signalingState === 'have-local-offer') this.#sendDescription();
    else this.#pc.restartIce();
  }

  async #negotiate() {
    try {
      this.#making = true;
      await this.#pc.setLocalDescription();
      this.#sendDescription();
    } catch {
      this.repair();
    } finally {
      this.#making = false;
    }
  }

  async #take(/** @type {import('./wire').Signal} */ { description, candidate }) {
    if (this.#closed) return;
    if (description) await this.#takeDescription(description);
    else if (candidate && this.#pc.remoteDescription) await this.#addCandidate(candidate);
    else if (candidate) this.#early.push(candidate);
  }

  async #takeDescription(/** @type {import('./wire').Description} */ description) {
    const pc = this.#pc;
    const offer = description.type === 'offer';
    const collision = offer && (this.#making || pc.signalingState !== 'stable');
    this.#ignoring = collision && !this.#options.offers;
    // The answer to an offer that was sent twice comes twice.
    if (this.#ignoring || (!offer && pc.signalingState === 'stable')) return;
    const { type } = description;
    const sdp = lineIsGood() ? description.sdp : withoutFastStart(description.sdp);
    await pc.setRemoteDescription({ type, sdp });
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate);
    if (!offer) return;
    await this.#senders.answer();
    await pc.setLocalDescription();
    // Some senders take their parameters only now. Nothing can flow before the answer is sent.
    await this.#senders.activate();
    this.#sendDescription();
  }

  async #addCandidate(/** @type {RTCIceCandidateInit} */ candidate) {
    try {
      await this.#pc.addIceCandidate(candidate);
    } catch (error) {
      // Candidates of an offer that lost the race name credentials that we never took.
      if (!this.#ignoring && !this.#closed) throw error;
    }
  }

  #connectionChanged() {
    const state = this.#pc.connectionState;
    if (state === 'connected') {
      clearTimeout(this.#timer);
      this.#timer = this.#repairs = 0;
      this.#turn('up');
    } else if (state === 'disconnected' || state === 'failed') {
      this.#turn('down');
      this.#repairNow();
    }
  }

  #turn(/** @type {Health} */ health) {
    if (this.health === health) return;
    this.health = health;
    this.emit('health', health);
  }

  #sendDescription() {
    const description = this.#pc.localDescription;
    if (!description || this.#closed) return;
    const { type } = description;
    const sdp = lineIsGood() ? withFastStart(description.sdp) : description.sdp;
    this.#send('signal', { link: this.number, description: { type, sdp } }, ANSWER_MS);
  }

  #sendCandidate(/** @type {RTCIceCandidate} */ candidate) {
    const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
    const line = { candidate: candidate.candidate, sdpMid, sdpMLineIndex, usernameFragment };
    this.#send('signal', { link: this.number, candidate: line });
  }

  /** Send a message of this link; a missing answer to a description means the line is dead. */
  async #send(/** @type {string} */ event, /** @type {object} */ payload, wait = 0) {
    if (this.#closed) return;
    try {
      await this.#options.send(event, payload, wait || undefined);
    } catch (error) {
      const unanswered = /** @type {any} */ (error).code === 'no_answer';
      if (unanswered && wait && !this.#closed) this.emit('lost', null);
    }
  }
}
