// @ts-check
/**
 * Keeps the connection to the relay that the state asks for: make before break.
 *
 * An older connection goes on until the new one brings what is expected; a connection that can't
 * be mended is replaced by another of the same turn.
 */
import { Emitter } from './emitter.js';
import { RelayLink } from './relay_link.js';

/** A new connection begins so long after one that broke, each time twice as long, up to the last. */
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 8000;

/**
 * @typedef {import('./senders.js').Kind} Kind
 * @typedef {object} RelayWish
 * @property {{turn: number} | null} relay
 * @property {import('./wire').Ice | null} ice
 * @property {boolean} sending
 * @property {boolean} picture whether the other side sends one
 *
 * `link`: what brings sound and picture has changed. `rung`: how large a picture it sends has.
 * @extends {Emitter<{link: RelayLink | null, rung: RelayLink, health: import('./link.js').Health}>}
 */
export class RelayKeeper extends Emitter {
  /** @type {RelayLink | null} the newest connection that brings what is expected */
  link = null;

  #signalling;
  #sends;
  #places;
  #known;
  /** @type {RelayLink | null} the newest one */
  #newest = null;
  #pause = FIRST_PAUSE_MS;
  #timer = 0;
  /** @type {import('./senders.js').Tracks} */
  #tracks = { audio: null, video: null };
  /** @type {RelayWish} */
  #wish = { relay: null, ice: null, sending: false, picture: false };
  #scene = /** @type {import('./climber.js').Scene} */ ('motion');
  /** @type {import('./wire').Peer | null} */
  #other = null;

  /**
   * @param {import('./signalling.js').Signalling} signalling
   * @param {Kind[]} sends
   * @param {import('./relay_link.js').Places} places
   * @param {() => number | null | undefined} known kbit/s that another connection found the line to
   *   bear, if it did
   */
  constructor(signalling, sends, places, known = () => null) {
    super();
    this.#signalling = signalling;
    this.#sends = sends;
    this.#places = places;
    this.#known = known;
  }

  /** Bring the connection in line with the state. */
  follow(/** @type {RelayWish} */ wish) {
    this.#wish = wish;
    if (!wish.relay || !wish.ice) return this.drop();
    if (this.#newest?.turn !== wish.relay.turn) this.#begin();
    for (const link of this.#links()) {
      link.renew(wish.ice);
      link.setSending(wish.sending);
      link.expect(wish.picture);
    }
  }

  /** @param {Kind} kind @param {MediaStreamTrack | null} track */
  async setTrack(kind, track) {
    this.#tracks[kind] = track;
    await Promise.all(this.#links().map((link) => link.setTrack(kind, track)));
  }

  /** Take what the other side says that it sends, and wants to be sent. */
  heed(/** @type {import('./wire').Peer} */ other) {
    this.#other = other;
    for (const link of this.#links()) link.heed(other);
  }

  /** What the camera looks at, for the present connections and those to come. */
  look(/** @type {import('./climber.js').Scene} */ scene) {
    this.#scene = scene;
    for (const link of this.#links()) link.ladder.look(scene);
  }

  probe() {
    for (const link of this.#links()) link.probe();
  }

  drop() {
    const had = this.link;
    clearTimeout(this.#timer);
    this.#pause = FIRST_PAUSE_MS;
    for (const link of this.#links()) link.close();
    this.link = this.#newest = null;
    if (had) this.emit('link', null);
  }

  #links() {
    return [...new Set([this.link, this.#newest])].filter((link) => link !== null);
  }

  #begin() {
    const { relay, ice, sending, picture } = this.#wish;
    clearTimeout(this.#timer);
    if (!relay || !ice) return;
    // Of three only the one that plays and the newest matter.
    if (this.#newest && this.#newest !== this.link) this.#newest.close();
    const link = (this.#newest = new RelayLink({
      turn: relay.turn,
      ice,
      sending,
      picture,
      tracks: this.#tracks,
      sends: this.#sends,
      places: this.#places,
      known: this.link?.ladder.borne ?? this.#known() ?? null,
      send: (event, payload, wait) => this.#signalling.send(event, payload, wait),
    }));
    link.ladder.look(this.#scene);
    if (this.#other) link.heed(this.#other);
    link.ladder.on('rung', () => this.link === link && this.emit('rung', link));
    link.on('flowing', () => this.#newest === link && this.#take(link));
    link.on('broken', () => this.#newest === link && this.#beginAgain());
    link.on('lost', () => this.#signalling.recycle());
    link.on('health', (health) => this.link === link && this.emit('health', health));
  }

  /** What can't be had now is not asked for in a loop. */
  #beginAgain() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, LAST_PAUSE_MS);
  }

  #take(/** @type {RelayLink} */ link) {
    const before = this.link;
    this.#pause = FIRST_PAUSE_MS;
    this.link = link;
    this.emit('link', link);
    if (before && before !== link) before.close();
  }
}
