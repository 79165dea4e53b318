// @ts-check
/**
 * One link: one peer connection between the two sides of a call (PROTOCOL.md, "Media").
 *
 * Perfect negotiation as in W3C webrtc-pc §10.7, with the customer as the side that offers first
 * and is polite. Both sides connect while it rings with their senders held, so that the picture
 * needs no set-up when the advisor accepts. A new link is a new object; a closed one is deaf.
 */
import { retune, withSound } from './audio_sdp.js';
import { Climber } from './climber.js';
import { Emitter } from './emitter.js';
import { configuration, withoutTls } from './ice_servers.js';
import { pairTraffic } from './quality.js';
import { Senders } from './senders.js';
import { terse } from './slim_sdp.js';
import { StillLine } from './still_line.js';
import * as start from './start_bitrate.js';

/** How long a new connection may take before the first repair: a relay may need 7 s. */
const PATIENCE_MS = 8000;
/** The same where the first repair brings more ways. */
const FRUGAL_PATIENCE_MS = 4500;
/** An offer that nobody answered by then is sent once more: the other page was perhaps away. */
const REPEAT_MS = 2500;
/** Pauses between repairs; the first two restart ICE, the others ask for a fresh link. */
const REPAIR_PAUSES_MS = [2500, 4000, 8000, 12000];
const RESTARTS = 2;
/** A live pair carries a packet every 30 ms or so. */
const SILENCE_MS = 400;
/** A host's candidate that comes so long after a restart is of a network that was not known then. */
const LATE_MS = 500;
/** How long a picture waits for another pair of addresses. */
const SPARE_MS = 3500;
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
  #stills;
  /** @type {import('./wire').Ice | null} newer servers, which the connection has not been told of */
  #renewed = null;
  #closed = false;
  #making = false;
  #ignoring = false;
  #probing = false;
  #patience;
  /** Incoming signals are taken one by one, in the order of the wire. */
  #tail = Promise.resolve();
  /** @type {RTCIceCandidateInit[]} candidates that came before their description */
  #early = [];
  #repairs = 0;
  #sparing = 0;
  /** When ICE was restarted last by this side, until that was done once more. */
  #restartedAt = 0;
  /** Until when a restart by the other side may take. */
  #mendedUntil = 0;
  #timer = 0;
  /** What the picture starts with on this side's line, kbit/s. */
  #start = start.startOf(start.knownRate());
  /** @type {import('./audio_sdp.js').Sound | null} how sound is sent now */
  #sound = null;

  /** @param {LinkOptions} options */
  constructor(options) {
    super();
    this.#options = options;
    const frugal = start.rateBehind(this.#start) !== null;
    const ice = frugal ? withoutTls(options.ice) : options.ice;
    if (frugal) this.#renewed = options.ice;
    this.#patience = frugal ? FRUGAL_PATIENCE_MS : PATIENCE_MS;
    const pc = (this.#pc = new RTCPeerConnection(configuration(ice)));
    this.#senders = new Senders(pc, options.tracks, options.sending);
    this.ladder = new Climber(pc, start.rateBehind(this.#start), {
      sections: () => this.#senders.sections,
      channel: true,
    });
    this.ladder.on('rung', () => this.#sendStills());
    this.ladder.on('sound', () => this.#retune());
    this.#stills = new StillLine(pc, {
      offers: options.offers,
      remote: this.remote,
      camera: () => this.#senders.track('video'),
      spare: () => this.ladder.spare,
    });
    pc.ontrack = ({ track }) => {
      this.remote.addTrack(track);
      this.remote.dispatchEvent(new Event('changed'));
    };
    pc.onicecandidate = ({ candidate }) => candidate && this.#found(candidate);
    pc.onconnectionstatechange = () => this.#connectionChanged();
    pc.onnegotiationneeded = () => this.#negotiate();
    this.#timer = setTimeout(() => this.#unanswered(), REPEAT_MS);
    if (options.offers) this.#senders.offer();
    this.ladder.apply();
  }

  get number() {
    return this.#options.number;
  }

  get connection() {
    return this.#pc;
  }

  get sending() {
    return this.#senders.flowing;
  }

  /** Whether either side has just begun to mend it. */
  get mending() {
    return this.#timer !== 0 || performance.now() < this.#mendedUntil;
  }

  /** Let media flow, or hold it: held senders send nothing at all, not even silence. */
  setSending(/** @type {boolean} */ sending) {
    this.#senders.flow(sending);
    this.#sendStills();
  }

  /**
   * Send this track from now on, or nothing of its kind; needs no negotiation.
   *
   * @param {import('./senders.js').Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(kind, track) {
    await this.#senders.setTrack(kind, track);
    this.ladder.apply();
  }

  /** Take what the other side says that it sends, and wants to be sent. */
  heed(/** @type {import('./wire').Peer} */ other) {
    this.ladder.heed(other);
    this.#stills.expect(other.rung === 'stills');
  }

  /** Gather with these servers from the next restart on: the TURN credentials before them run out. */
  renew(/** @type {import('./wire').Ice} */ ice) {
    this.#renewed = ice;
  }

  /** Take a signal of the other side that belongs to this link. */
  receive(/** @type {import('./wire').Signal} */ signal) {
    this.#tail = this.#tail.then(() => this.#take(signal)).catch(() => this.repair());
  }

  /** Restart ICE if nothing arrives on the chosen pair any more, or it is known to be down. */
  async probe() {
    if (this.#closed) return;
    if (this.health === 'new') return this.#sendDescription(); // what was said may be lost
    if (this.health === 'down') return this.#repairNow();
    // Whoever changes networks hears it from several sides: one repair is enough for all.
    if (this.#probing) return;
    this.#probing = true;
    const before = await pairTraffic(this.#pc);
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    const silent = !this.#closed && (await pairTraffic(this.#pc)) === before;
    this.#probing = false;
    if (!silent) return;
    this.#spareThePicture();
    this.#repairNow();
  }

  /** Restart ICE; while a repair is under way this does nothing. */
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
    clearTimeout(this.#sparing);
    if (this.health === 'up') start.rememberRate(this.ladder.borne);
    this.ladder.stop();
    this.#stills.close();
    const pc = this.#pc;
    pc.ontrack = pc.onicecandidate = pc.onconnectionstatechange = pc.onnegotiationneeded = null;
    pc.close();
  }

  /**
   * Send no picture into a dead pair. What was would be sent once more over the next one, seconds of
   * it, before anything new is seen; so it begins anew instead, with a keyframe.
   */
  #spareThePicture() {
    const ice = this.#pc.getSenders()[0]?.transport?.iceTransport;
    if (!ice) return;
    const goOn = () => {
      clearTimeout(this.#sparing);
      ice.removeEventListener('selectedcandidatepairchange', goOn);
      this.#senders.pausePicture(false);
    };
    this.#senders.pausePicture(true);
    clearTimeout(this.#sparing);
    this.#sparing = setTimeout(goOn, SPARE_MS);
    ice.addEventListener('selectedcandidatepairchange', goOn);
  }

  #sendStills() {
    this.#stills.send(this.ladder.rung.name === 'stills' && this.#senders.flowing);
  }

  #repairNow() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.repair();
  }

  #unanswered() {
    if (this.#pc.signalingState === 'have-local-offer') this.#sendDescription();
    this.#timer = setTimeout(() => this.#unmended(), this.#patience - REPEAT_MS);
  }

  #unmended() {
    this.#timer = 0;
    if (this.health !== 'up') this.repair();
  }

  #restart() {
    if (this.#pc.signalingState === 'have-local-offer') this.#sendDescription();
    else {
      this.#restartedAt = performance.now();
      this.#takeServers();
      this.#pc.restartIce();
    }
  }

  /**
   * Browsers learn of a new address up to two seconds after the page has. What they find then joins
   * the restart that is under way, but the pair that is dead is left for it only seconds later: not
   * so in a new one.
   */
  #found(/** @type {RTCIceCandidate} */ candidate) {
    const late = candidate.type === 'host' && performance.now() - this.#restartedAt > LATE_MS;
    if (!late || !this.#timer || !this.#restartedAt) return this.#sendCandidate(candidate);
    this.#restartedAt = 0;
    this.#pc.restartIce();
  }

  /** Only for a restart: new servers make the next offer one (RFC 9429 §4.1.18). */
  #takeServers() {
    if (this.#renewed) this.#pc.setConfiguration(configuration(this.#renewed));
    this.#renewed = null;
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
    if (offer && pc.remoteDescription) this.#takeServers();
    if (offer) this.#mendedUntil = performance.now() + (REPAIR_PAUSES_MS[0] ?? 0);
    const agreed = start.agreed(this.#start, start.askedStart(description.sdp));
    if (!pc.remoteDescription) this.ladder.expect(start.rateBehind(agreed));
    const { type } = description;
    const sdp = withSound(start.withStart(description.sdp, agreed), this.ladder.sound);
    this.#sound = this.ladder.sound;
    await pc.setRemoteDescription({ type, sdp });
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate);
    if (!offer) return;
    this.ladder.apply();
    await this.#senders.answer();
    await this.#answer();
    // Some senders take their parameters only now. Nothing can flow before the answer is sent.
    await this.#senders.activate();
    this.#sendDescription();
  }

  /**
   * The first answer leaves the handshake to whoever has offered, and has the answer when it begins
   * (RFC 5763 §5). A browser would begin by itself, before the answer is there, and again and again:
   * 1.3 kB each time, on a line that may need all it has for the answer.
   */
  async #answer() {
    const pc = this.#pc;
    if (pc.currentRemoteDescription) return pc.setLocalDescription();
    const { sdp = '' } = await pc.createAnswer();
    await pc.setLocalDescription({ type: 'answer', sdp: sdp.replace(/^a=setup:active/gm, 'a=setup:passive') });
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

  /** Have the sound sent as the rung wants it; a negotiation in between does the same. */
  #retune() {
    const tune = async () => {
      const busy = this.#timer || this.#making || this.#pc.signalingState !== 'stable';
      const { sound } = this.ladder;
      const tuned = JSON.stringify(sound) === JSON.stringify(this.#sound);
      if (tuned || this.#closed || this.health !== 'up' || busy) return;
      this.#sound = sound;
      await retune(this.#pc, sound);
    };
    this.#tail = this.#tail.then(tune).catch(() => this.repair());
  }

  #turn(/** @type {Health} */ health) {
    if (this.health === health) return;
    this.health = health;
    if (health === 'up') this.#retune();
    this.emit('health', health);
  }

  #sendDescription() {
    const description = this.#pc.localDescription;
    if (!description || this.#closed) return;
    const { type } = description;
    const sdp = start.withStart(terse(description.sdp), this.#start, true);
    this.#send('signal', { link: this.number, description: { type, sdp } }, ANSWER_MS);
  }

  #sendCandidate(/** @type {RTCIceCandidate} */ candidate) {
    // Browsers take no calls over TCP: an active candidate of ours would never find another's.
    if (candidate.tcpType === 'active') return;
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
