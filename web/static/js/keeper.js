// @ts-check
/**
 * Keeps exactly the peer connection that the call's state asks for, and mends it.
 *
 * It turns each `call_state` into at most one `Link`, hands signals of that link on, lets media
 * flow only once the advisor has accepted and while nobody is on hold, and restarts ICE when the
 * network or the socket came back.
 */
import { Emitter } from './emitter.js';
import { Link } from './link.js';
import { onNetworkChange } from './network.js';

const CONNECTS = new Set(['ringing', 'connecting', 'live']);
const FLOWS = new Set(['connecting', 'live']);
/** Signals may overtake the state that announces their link when both sides are on two nodes. */
const EARLY_LIMIT = 64;

/**
 * @typedef {'none' | import('./link.js').Health} LinkHealth
 * @extends {Emitter<{link: Link | null, health: LinkHealth}>}
 */
export class Keeper extends Emitter {
  /** @type {Link | null} */
  link = null;

  #signalling;
  #side;
  #call = '';
  /** @type {import('./link.js').Tracks} */
  #tracks = { audio: null, video: null };
  /** @type {import('./wire').Signal[]} */
  #early = [];
  /** @type {Link | null} the link whose call was accepted here, before the server has said so */
  #released = null;

  /**
   * @param {import('./signalling.js').Signalling} signalling
   * @param {import('./wire').Side} side
   */
  constructor(signalling, side) {
    super();
    this.#signalling = signalling;
    this.#side = side;
    signalling.on('signal', (signal) => this.#receive(signal));
    signalling.on('connected', ({ again }) => again && this.link?.probe());
    signalling.on('replaced', () => this.drop());
    signalling.on('signed_out', () => this.drop());
    onNetworkChange(() => this.link?.probe());
  }

  get health() {
    return this.link ? this.link.health : 'none';
  }

  /** Bring the connection in line with the call. */
  follow(/** @type {import('./wire').Call} */ call) {
    const flows = FLOWS.has(call.state) && !call.held;
    if (call.state !== 'ringing') this.#released = null;
    if (!CONNECTS.has(call.state) || !call.ice) {
      if (!FLOWS.has(call.state) || call.link !== this.link?.number) this.drop();
      return;
    }
    if (!this.link || this.#call !== call.call || this.link.number !== call.link) {
      this.#replace(call, call.ice, flows);
    }
    this.link?.setSending(flows || this.#released === this.link);
    // The side that connected while it rang says so again: before the accept it may not count.
    if (call.state === 'connecting' && this.link?.health === 'up') this.#reportUp(this.link);
  }

  /**
   * Let media flow from the tap that accepts: waiting for the server's word would cost the picture
   * a round trip. `withhold` takes it back when the server refuses.
   */
  release() {
    this.#released = this.link;
    this.link?.setSending(true);
  }

  withhold() {
    if (this.#released === this.link) this.link?.setSending(false);
    this.#released = null;
  }

  /**
   * Send this track on the present link and on those to come.
   *
   * @param {'audio' | 'video'} kind
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(kind, track) {
    this.#tracks[kind] = track;
    await this.link?.setTrack(kind, track);
  }

  /** Close the connection; the next state may ask for a new one. */
  drop() {
    this.#early = [];
    this.#released = null;
    if (!this.link) return;
    this.link.close();
    this.link = null;
    this.emit('link', null);
    this.emit('health', 'none');
  }

  /**
   * @param {import('./wire').Call} call
   * @param {import('./wire').Ice} ice
   * @param {boolean} sending
   */
  #replace(call, ice, sending) {
    this.link?.close();
    this.#call = call.call;
    const link = new Link({
      number: call.link,
      ice,
      sending,
      offers: this.#side === 'customer',
      tracks: this.#tracks,
      send: (event, payload, wait) => this.#signalling.send(event, payload, wait),
    });
    this.link = link;
    link.on('health', (health) => {
      if (this.link !== link) return;
      if (health === 'up') this.#reportUp(link);
      this.emit('health', health);
    });
    link.on('lost', () => this.#signalling.recycle());
    this.emit('link', link);
    this.emit('health', 'new');
    const early = this.#early;
    this.#early = [];
    for (const signal of early) this.#receive(signal);
  }

  #reportUp(/** @type {Link} */ link) {
    // Whoever misses this gets it again after the next connect, by the state.
    this.#signalling.send('connected', { link: link.number }).catch(() => {});
  }

  #receive(/** @type {import('./wire').Signal} */ signal) {
    const present = this.link?.number ?? -1;
    if (signal.link === present) this.link?.receive(signal);
    else if (signal.link > present && this.#early.length < EARLY_LIMIT) this.#early.push(signal);
  }
}
