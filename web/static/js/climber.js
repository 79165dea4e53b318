// @ts-check
/**
 * Keeps one peer connection on the rung that its line bears (`ladder.js`): measures each second,
 * and tells the senders what to send. Works on any connection, to a browser or to a server.
 */
import { Emitter } from './emitter.js';
import { encode } from './encodings.js';
import { NO_WISH, RUNGS, begin, step } from './ladder.js';
import { between, readLine } from './line_reading.js';

const EVERY_MS = 1000;
/** The shorter side of a picture whose size isn't known yet. */
const USUAL_HEIGHT = 720;
/** Codecs of the smallest picture: AV1 shows twice as many pixels for the same bits. */
const SMALL_CODEC = 'video/AV1';
/** Milliseconds of sound in a packet: where the line is narrow, headers cost more than sound. */
const USUAL_PACKET = 20;
const LONG_PACKET = 60;
/** Bit/s of the smallest picture on the narrowest line that bears one. */
const LEAST_PICTURE = 22_000;
/** Lines that it has there, for eight frames a second. */
const LEAST_HEIGHT = 144;
const PICTURE_STEP = 10_000;
/** Stills in the place of a moving picture, where there is no channel for them: one each second. */
const STILL_HEIGHT = 360;
const STILL_RATE = 1;

/** A second that says nothing. */
const QUIET = { available: null, sent: 0, loss: null, roundTrip: null };

/**
 * @typedef {'motion' | 'detail'} Scene what matters in the picture: that it flows, or is sharp
 * @typedef {object} Means
 * @property {() => RTCRtpTransceiver[]} sections those that send
 * @property {boolean} channel whether stills go over a channel of their own; without one they are
 *   frames of the picture, one each second
 */

/**
 * `rung`: what is sent changed, and why. `sound`: the sound should be sent in another way, which
 * takes a negotiation.
 *
 * @extends {Emitter<{
 *   rung: {name: import('./ladder.js').RungName, why: import('./ladder.js').Why},
 *   sound: import('./audio_sdp.js').Sound,
 * }>}
 */
export class Climber extends Emitter {
  #pc;
  #means;
  #stand;
  #wish = NO_WISH;
  /** @type {Scene} */
  #scene = 'motion';
  /** @type {import('./line_reading.js').Counters | null} */
  #last = null;
  /** @type {WeakMap<RTCRtpSender, string>} */
  #applied = new WeakMap();
  #timer;

  /**
   * @param {RTCPeerConnection} pc
   * @param {number | null} known bit/s that is known of the line, or null
   * @param {Means} means
   */
  constructor(pc, known, means) {
    super();
    this.#pc = pc;
    this.#means = means;
    this.#stand = begin(known);
    this.#timer = setInterval(() => this.#measure(), EVERY_MS);
  }

  /** @returns {import('./ladder.js').Rung} */
  get rung() {
    return /** @type {any} */ (RUNGS[this.#stand.rung]);
  }

  get why() {
    return this.#stand.why;
  }

  /** How sound is sent on this rung. @returns {import('./audio_sdp.js').Sound} */
  get sound() {
    const packet = this.rung.height > 180 ? USUAL_PACKET : LONG_PACKET;
    return { rate: this.rung.sound, packet, twice: this.#stand.twice };
  }

  /** What the line bears in kbit/s, or null where it bears all that was asked of it. */
  get borne() {
    return (this.why === 'line' && this.#stand.before / 1000) || null;
  }

  /** Bit/s that stills may take beside the sound. */
  get spare() {
    return this.#stand.pace;
  }

  /** Follow what the other side asked for. */
  heed(/** @type {{saver: import('./wire').Saver}} */ { saver }) {
    const wish = { saver: saver !== 'off', stills: saver === 'stills' };
    if (wish.saver === this.#wish.saver && wish.stills === this.#wish.stills) return;
    this.#wish = wish;
    this.#turn(step(this.#stand, QUIET, wish));
  }

  /** Begin anew where this much is known of the line: nothing has been sent yet. */
  expect(/** @type {number | null} */ known) {
    this.#turn(begin(known, this.#wish));
  }

  /** Prefer what this scene needs: sharp lines, or a picture that flows. */
  look(/** @type {Scene} */ scene) {
    this.#scene = scene;
    this.apply();
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #measure() {
    if (this.#pc.connectionState !== 'connected') {
      this.#last = null;
      return;
    }
    const now = readLine((await this.#pc.getStats()).values(), performance.now());
    const reading = this.#last && between(this.#last, now);
    this.#last = now;
    const stills = this.rung.height === 0;
    if (reading && (reading.sending || stills)) this.#turn(step(this.#stand, reading, this.#wish));
    // A camera that was switched has another size.
    else this.apply();
  }

  #turn(/** @type {import('./ladder.js').Stand} */ stand) {
    const before = { rung: this.rung, why: this.why, sound: this.sound };
    this.#stand = stand;
    this.apply();
    const { rung, why, sound } = this;
    if (rung !== before.rung || why !== before.why) this.emit('rung', { name: rung.name, why });
    if (JSON.stringify(sound) !== JSON.stringify(before.sound)) this.emit('sound', sound);
  }

  #picture(/** @type {MediaStreamTrack | null} */ track) {
    const still = this.rung.height === 0 && !this.#means.channel;
    return still ? stillOf(track) : pictureOf(this.rung, this.#scene, this.#stand.before, track);
  }

  /** Tell the senders, if what they should do changed: a new one, or a camera of another size. */
  apply() {
    const { rung } = this;
    for (const { sender, receiver } of this.#means.sections()) {
      const picture = receiver.track.kind === 'video';
      const bias = picture ? biasOf(rung, this.#scene) : '';
      if (picture && sender.track) hint(sender.track, rung, this.#scene);
      const wish = picture
        ? this.#picture(sender.track)
        : { maxBitrate: rung.sound };
      const key = bias + JSON.stringify(wish);
      if (this.#applied.get(sender) === key) continue;
      this.#applied.set(sender, key);
      encode(this.#pc, sender, 'rung', wish, bias);
    }
  }
}

/**
 * How a camera's picture is sent on a rung.
 *
 * @param {import('./ladder.js').Rung} rung
 * @param {Scene} scene
 * @param {number} available bit/s that the browser believes in, 0 if it hasn't said
 * @param {MediaStreamTrack | null} track
 * @returns {import('./encodings.js').Wish}
 */
export function pictureOf(rung, scene, available, track) {
  if (rung.height === 0) return { active: false };
  const small = rung.height <= 180;
  // A detail is worth half the frames: the same bits show it larger.
  const sharp = scene === 'detail' && !small;
  const bits = small ? smallOf(rung, available) : rung.picture;
  const lines = sharp ? 1.5 * rung.height : bits > LEAST_PICTURE ? rung.height : LEAST_HEIGHT;
  return {
    maxBitrate: bits,
    maxFramerate: sharp ? rung.rate / 2 : rung.rate,
    scaleResolutionDownBy: Math.max(1, shortSide(track) / lines),
    codec: small ? SMALL_CODEC : undefined,
  };
}

/**
 * How stills are sent as frames of a camera's picture: what the smallest picture takes, in one large
 * frame instead of many small ones, that gets sharper with the next as long as nothing moves.
 *
 * @param {MediaStreamTrack | null} track
 * @returns {import('./encodings.js').Wish}
 */
export function stillOf(track) {
  return {
    maxBitrate: LEAST_PICTURE,
    maxFramerate: STILL_RATE,
    scaleResolutionDownBy: Math.max(1, shortSide(track) / STILL_HEIGHT),
  };
}

/** A phone held upright has its short side across. */
function shortSide(/** @type {MediaStreamTrack | null} */ track) {
  const { width = 0, height = 0 } = track?.getSettings() ?? {};
  return Math.min(width, height) || USUAL_HEIGHT;
}

/**
 * What the smallest picture may take: a part of what is left beside the sound, in steps, so that a
 * browser's estimate doesn't fill the queue of a line that it knows only roughly.
 *
 * @param {import('./ladder.js').Rung} rung @param {number} available bit/s
 */
function smallOf({ picture, sound }, available) {
  const left = Math.min(picture, (available - 2 * sound) * 0.8);
  return Math.max(LEAST_PICTURE, Math.floor(left / PICTURE_STEP) * PICTURE_STEP);
}

/**
 * Say what the picture is (W3C mst-content-hint). Each change costs a keyframe, for which the
 * narrowest lines have no room.
 *
 * @param {MediaStreamTrack} track
 * @param {import('./ladder.js').Rung} rung
 * @param {Scene} scene
 */
function hint(track, rung, scene) {
  const wanted = scene === 'detail' && rung.height > 180 ? 'detail' : 'motion';
  if ((track.contentHint || 'motion') !== wanted) track.contentHint = wanted;
}

/**
 * What the browser gives up first by itself. The rung of 540 lines has the bits for them in every
 * scene, which a browser that begins at 300 kbit/s does not find out again.
 *
 * @param {import('./ladder.js').Rung} rung @param {Scene} scene
 */
export function biasOf(rung, scene) {
  if (rung.height === 0) return 'maintain-resolution';
  if (rung.height <= 180) return 'maintain-framerate';
  return scene === 'detail' || rung.name === 'large' ? 'maintain-resolution' : 'maintain-framerate';
}
