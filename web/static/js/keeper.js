// @ts-check
/**
 * Keeps exactly the connections that the call's state asks for, and mends them: a link to the other
 * side, a connection to the relay, or (while a call goes over from one to the other) both.
 *
 * Signals go to the link that they belong to; media flow only once the advisor has accepted and
 * while nobody is on hold; ICE restarts when the network or the socket came back. Of two paths the
 * one that the state names is played as soon as it brings what is expected, and then the server is
 * told, which ends the other.
 */
import { Emitter } from './emitter.js';
import { Link } from './link.js';
import { onNetworkChange } from './network.js';
import { expectedFrom } from './quality.js';
import { RelayKeeper } from './relay_keeper.js';
import { picturesFlow } from './relay_link.js';
import { watchSilence } from './silence.js';

const CONNECTS = new Set(['ringing', 'connecting', 'live']);
const FLOWS = new Set(['connecting', 'live']);
/** Signals may overtake the state that announces their link when both sides are on two nodes. */
const EARLY_LIMIT = 64;
/** One voice of the other side, and those of a manager and two companions; one picture. */
const PLACES = { voices: 4, pictures: 1 };
const FLOW_MS = 50;
const TELL_MS = 1000;

/**
 * `shown`: another connection is played. `link`: another link was made, or none is left.
 *
 * @typedef {'none' | import('./link.js').Health} LinkHealth
 * @typedef {Link | import('./relay_link.js').RelayLink} AnyLink
 * @extends {Emitter<{shown: AnyLink | null, health: LinkHealth, picture: null}>}
 */
export class Keeper extends Emitter {
  /** @type {AnyLink | null} the connection that is played */
  shown = null;
  /** @type {Link | null} the connection to the other side */
  link = null;
  relay;

  #signalling;
  #side;
  /** @type {import('./wire').Call | null} */
  #call = null;
  /** The call that the link belongs to. */
  #linked = '';
  /** @type {import('./link.js').Tracks} */
  #tracks = { audio: null, video: null };
  /** @type {import('./wire').Signal[]} */
  #early = [];
  /** @type {import('./climber.js').Scene} */
  #scene = 'motion';
  /** @type {Link | null} the link whose call was accepted here, before the server has said so */
  #released = null;
  /** @type {Link | null} the link that has brought what is expected */
  #flowing = null;
  #picture = false;
  #telling = 0;

  /**
   * @param {import('./signalling.js').Signalling} signalling
   * @param {import('./wire').Side} side
   */
  constructor(signalling, side) {
    super();
    this.#signalling = signalling;
    this.#side = side;
    this.relay = new RelayKeeper(signalling, ['audio', 'video'], PLACES, () => this.link?.ladder.borne);
    this.relay.on('link', () => this.#choose());
    this.relay.on('rung', (link) => this.shown === link && this.#tellPicture());
    this.relay.on('health', (health) => this.shown !== this.link && this.emit('health', health));
    signalling.on('signal', (signal) => this.#receive(signal));
    signalling.on('connected', ({ again }) => again && this.#probe());
    signalling.on('replaced', () => this.drop());
    signalling.on('signed_out', () => this.drop());
    onNetworkChange(() => this.#probe());
    watchSilence(() => this.shown);
  }

  get health() {
    return this.shown ? this.shown.health : 'none';
  }

  /** How large a picture is sent, and why it is not larger, as the wire tells it. */
  get picture() {
    const { rung, why } = this.shown?.ladder ?? {};
    return { rung: rung?.name ?? 'full', narrowed: why ?? '' };
  }

  /** Bring the connections in line with the call. */
  follow(/** @type {import('./wire').Call} */ call) {
    this.#call = call;
    const other = this.#side === 'customer' ? call.advisor : call.customer;
    this.#picture = expectedFrom(call.held, other ?? null) === 'all';
    const sending = FLOWS.has(call.state) && !call.held;
    this.relay.follow({ relay: call.relay, ice: call.ice, sending, picture: this.#picture });
    this.#followLink(call, sending);
    if (other) this.link?.heed(other);
    if (other) this.relay.heed(other);
    this.#choose();
    this.#reportSettled();
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
   * Send this track on the present connections and on those to come.
   *
   * @param {'audio' | 'video'} kind
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(kind, track) {
    this.#tracks[kind] = track;
    await Promise.all([this.link?.setTrack(kind, track), this.relay.setTrack(kind, track)]);
  }

  /** What the advisor's camera looks at, for the present connections and those to come. */
  look(/** @type {import('./climber.js').Scene} */ scene) {
    this.#scene = scene;
    this.link?.ladder.look(scene);
    this.relay.look(scene);
  }

  /** Close all connections; the next state may ask for new ones. */
  drop() {
    this.#call = null;
    this.relay.drop();
    this.#dropLink();
    this.#choose();
  }

  /** Say how large the picture is, but only after what brings it: on a narrow line words cost time. */
  #tellPicture() {
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => this.emit('picture', null), TELL_MS);
  }

  #probe() {
    this.link?.probe();
    this.relay.probe();
  }

  // ------------------------------------------------------------ the link

  /** @param {import('./wire').Call} call @param {boolean} sending */
  #followLink(call, sending) {
    if (call.state !== 'ringing') this.#released = null;
    const same = this.#linked === call.call && this.link?.number === call.link;
    if (!CONNECTS.has(call.state) || !call.ice || !call.direct) {
      if (!FLOWS.has(call.state) || !call.direct || !same) this.#dropLink();
      return;
    }
    if (same) this.link?.renew(call.ice);
    else this.#replace(call, call.ice, sending);
    this.link?.setSending(sending || this.#released === this.link);
    // The side that connected while it rang says so again: before the accept it may not count.
    if (call.state === 'connecting' && this.link?.health === 'up') this.#reportUp(this.link);
  }

  #dropLink() {
    this.#early = [];
    this.#released = null;
    this.link?.close();
    this.link = null;
  }

  /**
   * @param {import('./wire').Call} call
   * @param {import('./wire').Ice} ice
   * @param {boolean} sending
   */
  #replace(call, ice, sending) {
    this.link?.close();
    this.#linked = call.call;
    const link = new Link({
      number: call.link,
      ice,
      sending,
      offers: this.#side === 'customer',
      tracks: this.#tracks,
      send: (event, payload, wait) => this.#signalling.send(event, payload, wait),
    });
    this.link = link;
    link.ladder.look(this.#scene);
    link.on('health', (health) => {
      if (this.link !== link) return;
      if (health === 'up') this.#reportUp(link);
      if (health === 'up') this.#waitForFlow(link);
      if (this.shown === link) this.emit('health', health);
    });
    link.ladder.on('rung', () => this.link === link && this.#tellPicture());
    link.on('lost', () => this.#signalling.recycle());
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

  /** Wait until a link that shall take the relay's place brings what is expected. */
  async #waitForFlow(/** @type {Link} */ link) {
    while (this.link === link && link.health === 'up' && this.#flowing !== link) {
      if (!this.#picture || (await picturesFlow(link.connection))) {
        this.#flowing = link;
        this.#choose();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, FLOW_MS));
    }
  }

  // ------------------------------------------------------------ what is played

  /**
   * Play what the state names, once it brings what is expected. What is played now goes on until
   * then, as long as it is there; with nothing to lose the newest is taken at once.
   */
  #choose() {
    const relayed = this.#call?.path === 'relay';
    const there = this.shown === this.link || this.shown === this.relay.link;
    const kept = there ? this.shown : null;
    const wanted = relayed ? this.relay.link : this.link;
    const ready = wanted !== null && (relayed || kept === null || this.#flowing === wanted);
    this.#show(ready ? wanted : (kept ?? this.link ?? this.relay.link));
    this.#reportSettled();
  }

  #show(/** @type {AnyLink | null} */ link) {
    if (link === this.shown) return;
    this.shown = link;
    this.emit('shown', link);
    this.#tellPicture();
    this.emit('health', this.health);
  }

  /** Of two paths say which one is played: when both sides have said the same, the other ends. */
  #reportSettled() {
    const call = this.#call;
    if (!call?.relay || !this.shown || !FLOWS.has(call.state)) return;
    const relayed = this.shown === this.relay.link;
    if (relayed !== (call.path === 'relay')) return;
    const alone = relayed && !call.direct && call.state === 'live';
    if (alone || (!relayed && this.#flowing !== this.shown)) return;
    const number = relayed ? call.relay.turn : call.link;
    // Whoever misses this hears it again with the next state.
    this.#signalling.send('settled', { path: call.path, number }).catch(() => {});
  }
}
