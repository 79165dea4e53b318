// @ts-check
/**
 * One connection to the relay (PROTOCOL.md, "The relay"): this page offers, the relay answers.
 *
 * What it sends goes in sections of its own; what it gets comes out of places. The first voice and
 * the first picture are the other side's; further voices are those of companions and managers.
 */
import { retune, withSound } from './audio_sdp.js';
import { Climber } from './climber.js';
import { Emitter } from './emitter.js';
import { configuration } from './ice_servers.js';
import { pairTraffic } from './quality.js';
import { Senders } from './senders.js';
import { slim } from './slim_sdp.js';
import * as start from './start_bitrate.js';

const ANSWER_MS = 4000;
/** Pauses between repairs; the first two restart ICE, then a new connection is needed. */
const REPAIR_PAUSES_MS = [2500, 4000];
const RETRY_MS = 1000;
/** A connection that is not up by then will not be: begin anew. */
const PATIENCE_MS = 10_000;
const FLOW_MS = 50;
const SILENCE_MS = 400;

/**
 * @typedef {import('./senders.js').Tracks} Tracks
 * @typedef {import('./senders.js').Kind} Kind
 * @typedef {object} Places what the page can show and play
 * @property {number} voices
 * @property {number} pictures
 * @typedef {object} RelayOptions
 * @property {number} turn the relay's turn
 * @property {import('./wire').Ice} ice
 * @property {boolean} sending whether media may flow from the start
 * @property {Tracks} tracks what to send
 * @property {Kind[]} sends the kinds that this page may send at all
 * @property {Places} places
 * @property {boolean} picture whether a picture is to be expected in the first place
 * @property {number | null} known kbit/s that another connection found this line to bear
 * @property {(event: string, payload: object, wait?: number) => Promise<any>} send
 */

/**
 * `flowing`: what is expected has come. `broken`: this connection can't be mended.
 *
 * @extends {Emitter<{health: import('./link.js').Health, flowing: null, broken: null, lost: null}>}
 */
export class RelayLink extends Emitter {
  /** The first voice and the first picture. */
  remote = new MediaStream();
  /** @type {MediaStreamTrack[]} every other voice, place by place */
  voices = [];
  /** @type {MediaStreamTrack[]} every other picture */
  pictures = [];
  /** @type {import('./link.js').Health} */
  health = 'new';
  flows = false;

  #options;
  #pc;
  #senders;
  #closed = false;
  #negotiating = false;
  #probing = false;
  #again = false;
  /** @type {number | null} our connection's number at the relay, once it has answered */
  #rank = null;
  #repairs = 0;
  #timer = 0;
  /** What the picture starts with, kbit/s. */
  #start;
  /** @type {import('./audio_sdp.js').Sound | null} how sound is sent now */
  #sound = null;

  /** @param {RelayOptions} options */
  constructor(options) {
    super();
    this.#options = options;
    const pc = (this.#pc = new RTCPeerConnection(configuration(options.ice)));
    this.#senders = new Senders(pc, options.tracks, options.sending);
    this.#start = start.startOf(options.known ?? start.knownRate());
    this.ladder = new Climber(pc, start.rateBehind(this.#start), {
      sections: () => this.#senders.sections,
      channel: false,
    });
    this.ladder.on('sound', () => this.#retune());
    pc.onconnectionstatechange = () => this.#connectionChanged();
    pc.onnegotiationneeded = () => this.#negotiate();
    this.#senders.offer('sendonly', options.sends);
    this.#makePlaces(options.places);
    this.ladder.apply();
    this.#timer = setTimeout(() => this.#give(), PATIENCE_MS);
  }

  get turn() {
    return this.#options.turn;
  }

  /** As a link's: samples of quality name it. */
  get number() {
    return this.#options.turn;
  }

  get connection() {
    return this.#pc;
  }

  get sending() {
    return this.#senders.flowing;
  }

  get mending() {
    return this.#timer !== 0;
  }

  /** Say anew whether a picture is to be expected. */
  expect(/** @type {boolean} */ picture) {
    this.#options.picture = picture;
  }

  /** Gather with these servers from the next restart on: the TURN credentials before them run out. */
  renew(/** @type {import('./wire').Ice} */ ice) {
    this.#options.ice = ice;
  }

  setSending(/** @type {boolean} */ sending) {
    this.#senders.flow(sending);
  }

  /** @param {Kind} kind @param {MediaStreamTrack | null} track */
  async setTrack(kind, track) {
    if (!this.#options.sends.includes(kind)) return;
    await this.#senders.setTrack(kind, track);
    this.ladder.apply();
  }

  /** Take what the other side wants to be sent. */
  heed(/** @type {import('./wire').Peer} */ other) {
    this.ladder.heed(other);
  }

  /** Mend it if nothing arrives any more, or it is known to be down. */
  async probe() {
    if (this.#closed || this.health === 'new') return;
    if (this.health === 'down') return this.#repairNow();
    // Whoever changes networks hears it from several sides: one repair is enough for all.
    if (this.#probing) return;
    this.#probing = true;
    const before = await pairTraffic(this.#pc);
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    const silent = !this.#closed && (await pairTraffic(this.#pc)) === before;
    this.#probing = false;
    if (silent) this.#repairNow();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.health === 'up' && this.#options.sends.includes('video')) {
      start.rememberRate(this.ladder.borne);
    }
    this.ladder.stop();
    this.#pc.onconnectionstatechange = this.#pc.onnegotiationneeded = null;
    this.#pc.close();
  }

  /** @param {Places} places */
  #makePlaces({ voices, pictures }) {
    for (const [kind, count] of /** @type {[Kind, number][]} */ ([
      ['audio', voices],
      ['video', pictures],
    ])) {
      for (let place = 0; place < count; place++) {
        const { receiver } = this.#pc.addTransceiver(kind, { direction: 'recvonly' });
        if (place === 0) this.remote.addTrack(receiver.track);
        else (kind === 'audio' ? this.voices : this.pictures).push(receiver.track);
      }
    }
  }

  async #negotiate() {
    this.#again = this.#negotiating;
    if (this.#negotiating || this.#closed) return;
    this.#negotiating = true;
    try {
      await this.#pc.setLocalDescription();
      await this.#offer();
    } catch (error) {
      const { code } = /** @type {import('./signalling.js').Refused} */ (error);
      if (code === 'no_answer') this.emit('lost', null);
      // The turn is over, or this connection is unknown there: the next state says what to do.
      if (code === 'try_again' || code === 'no_answer') setTimeout(() => this.#retry(), RETRY_MS);
      else this.#give();
    } finally {
      this.#negotiating = false;
    }
    if (this.#again) this.#negotiate();
  }

  async #offer() {
    const { turn, send } = this.#options;
    const sdp = slim(this.#pc.localDescription?.sdp ?? '');
    const answer = await send('relay', { turn, sdp, rank: this.#rank }, ANSWER_MS);
    if (this.#closed) return;
    this.#rank = answer.rank;
    const { sound } = this.ladder;
    const wanted = withSound(start.withStart(answer.sdp, this.#start), sound);
    await this.#pc.setRemoteDescription({ type: 'answer', sdp: wanted });
    this.#sound = sound;
  }

  /** The line was away: what was said may be lost, and saying it again does no harm. */
  async #retry() {
    if (this.#closed || this.#pc.signalingState !== 'have-local-offer') return;
    try {
      await this.#offer();
    } catch {
      setTimeout(() => this.#retry(), RETRY_MS);
    }
  }

  #connectionChanged() {
    const state = this.#pc.connectionState;
    if (state === 'connected') {
      clearTimeout(this.#timer);
      this.#timer = this.#repairs = 0;
      this.#turn('up');
      if (!this.flows) this.#waitForFlow();
    } else if (state === 'disconnected' || state === 'failed') {
      this.#turn('down');
      this.#repairNow();
    }
  }

  async #waitForFlow() {
    while (!this.#closed && !this.flows) {
      if (!this.#options.picture || (await picturesFlow(this.#pc))) {
        this.flows = true;
        if (!this.#closed) this.emit('flowing', null);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, FLOW_MS));
    }
  }

  #repairNow() {
    clearTimeout(this.#timer);
    const attempt = this.#repairs++;
    if (attempt >= REPAIR_PAUSES_MS.length) return this.#give();
    this.#timer = setTimeout(() => this.#unmended(), REPAIR_PAUSES_MS[attempt]);
    // Only now: new servers make the next offer a restart (RFC 9429 §4.1.18).
    this.#pc.setConfiguration(configuration(this.#options.ice));
    this.#pc.restartIce();
  }

  #unmended() {
    if (this.health !== 'up') this.#repairNow();
  }

  #give() {
    if (!this.#closed) this.emit('broken', null);
  }

  /** Have the sound sent as the rung wants it; a negotiation in between does the same. */
  async #retune() {
    const { sound } = this.ladder;
    const tuned = JSON.stringify(sound) === JSON.stringify(this.#sound);
    const busy = this.#negotiating || this.#timer || this.#pc.signalingState !== 'stable';
    if (tuned || busy || this.#closed || this.health !== 'up') return;
    this.#sound = sound;
    this.#negotiating = true;
    try {
      await retune(this.#pc, sound);
    } catch {
      this.#repairNow();
    } finally {
      this.#negotiating = false;
    }
    if (this.#again) this.#negotiate();
    else this.#retune();
  }

  #turn(/** @type {import('./link.js').Health} */ health) {
    if (this.health === health) return;
    this.health = health;
    if (health === 'up') this.#retune();
    this.emit('health', health);
  }
}

/** Whether any picture has been decoded on a connection so far. */
export async function picturesFlow(/** @type {RTCPeerConnection} */ connection) {
  for (const report of (await connection.getStats()).values()) {
    if (report.type === 'inbound-rtp' && report.framesDecoded > 0) return true;
  }
  return false;
}
