// @ts-check
/**
 * The microphone and the camera: opened for a reason, named when they fail, taken again when they
 * are lost, switched without losing the call.
 *
 * Errors are those of W3C mediacapture-streams; each has a remedy in words, `call.capture.<name>`.
 */
import { captureHindrance } from './able.js';
import { Emitter } from './emitter.js';

const RETAKE_PAUSES_MS = [300, 1000, 2000, 4000, 8000];
/** A track that the system mutes for this long is taken again. */
const MUTED_MS = 3000;
const REMEDIES = new Set([
  'NotAllowedError',
  'NotFoundError',
  'NotReadableError',
  'OverconstrainedError',
  'SecurityError',
  'AbortError',
  'NoCaptureError',
]);

const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
/** Lines that every camera has, and every processor encodes. */
const USUAL_LINES = 720;
const FRAME_RATE = 30;

/** @typedef {'audio' | 'video'} Kind */

/** A device could not be opened. `remedy` is the key of the words that say how to mend it. */
export class CaptureError extends Error {
  /** @param {string} name the browser's own error name, or `NoCaptureError` */
  constructor(name) {
    super(name);
    this.name = name;
    this.remedy = `call.capture.${REMEDIES.has(name) ? name : 'AbortError'}`;
  }
}

/** A wide picture with so many lines. @returns {MediaTrackConstraints} */
function sizeOf(/** @type {number} */ lines) {
  const width = Math.round((lines * 16) / 9);
  return { width: { ideal: width }, height: { ideal: lines }, frameRate: { ideal: FRAME_RATE } };
}

/** @param {MediaStreamConstraints} constraints */
async function open(constraints) {
  const hindrance = captureHindrance();
  if (hindrance) throw new CaptureError(hindrance);
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    throw new CaptureError(/** @type {Error} */ (error).name);
  }
}

/**
 * `track`: send this from now on. `change`: what is sent or how changed. `trouble`: a device
 * failed; the text of `error.remedy` says what to do.
 *
 * @extends {Emitter<{
 *   track: {kind: Kind, track: MediaStreamTrack | null},
 *   change: null,
 *   trouble: {kind: Kind, error: CaptureError},
 * }>}
 */
export class Capture extends Emitter {
  /** @type {Record<Kind, MediaStreamTrack | null>} */
  #tracks = { audio: null, video: null };
  /** @type {Record<Kind, boolean>} */
  #wanted = { audio: false, video: false };
  /** @type {Record<Kind, boolean>} */
  #enabled = { audio: true, video: true };
  /** @type {Set<Kind>} kinds that are being taken again right now */
  #retaking = new Set();
  /** @type {MediaTrackConstraints} */
  #anyCamera;
  /** @type {MediaTrackConstraints} that one, or exactly the one that was switched to */
  #camera;
  #lines;
  #size = sizeOf(USUAL_LINES);
  #switching = false;
  /** The camera that was switched to last: after one that fails, the one behind it has its turn. */
  #tried = '';

  /**
   * @param {'environment' | 'user'} facing which camera comes first on a phone
   * @param {() => number} lines how many lines to ask a camera for that is opened now
   */
  constructor(facing, lines = () => USUAL_LINES) {
    super();
    this.#lines = lines;
    this.#camera = this.#anyCamera = { facingMode: { ideal: facing } };
    document.addEventListener('visibilitychange', () => document.hidden || this.#retakeLost());
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.#retakeLost());
  }

  /** @param {Kind} kind */
  track(kind) {
    return this.#tracks[kind];
  }

  /** Whether this kind is sent by the user's own will. @param {Kind} kind */
  isOn(kind) {
    return this.#wanted[kind] && this.#enabled[kind] && this.#tracks[kind] !== null;
  }

  /** Whether it should be sent and is not: a phone call, a lost device. @param {Kind} kind */
  isLost(kind) {
    const track = this.#tracks[kind];
    return this.isOn(kind) && (track?.readyState === 'ended' || track?.muted === true);
  }

  /** What the other side gets of this one, as the wire tells it. */
  get media() {
    const lost = { audio: this.isLost('audio'), video: this.isLost('video') };
    return {
      microphone: this.isOn('audio') && !lost.audio,
      camera: this.isOn('video') && !lost.video,
      paused: lost.audio || lost.video,
    };
  }

  /**
   * Open these kinds in one go, so that there is one question to the user; where that fails, one
   * by one, so that a missing camera doesn't take the sound with it.
   *
   * @param {Kind[]} kinds
   * @returns {Promise<CaptureError[]>} what failed; empty if all is well
   */
  async open(...kinds) {
    const missing = kinds.filter((kind) => !this.#live(kind));
    for (const kind of missing) this.#wanted[kind] = true;
    if (missing.length > 1 && (await this.#openAny(missing)) === null) return [];
    const errors = [];
    for (const kind of missing) {
      const error = this.#live(kind) ? null : await this.#openAny([kind]);
      if (!error) continue;
      // What is being taken again all the time stays wanted.
      this.#wanted[kind] = this.#retaking.has(kind);
      this.emit('trouble', { kind, error });
      errors.push(error);
    }
    return errors;
  }

  /** Stop this kind: the device's light goes out. @param {Kind} kind */
  close(kind) {
    this.#wanted[kind] = false;
    this.#enabled[kind] = true;
    this.#put(kind, null);
  }

  /** Let go of everything: the next call begins with the camera that comes first. */
  closeAll() {
    this.close('audio');
    this.close('video');
    this.#camera = this.#anyCamera;
    this.#tried = '';
  }

  /** Switch this kind off and on without letting go of the device. @param {Kind} kind */
  enable(kind, /** @type {boolean} */ enabled) {
    this.#enabled[kind] = enabled;
    const track = this.#tracks[kind];
    if (track) track.enabled = enabled;
    this.emit('change', null);
  }

  /**
   * Go on with the next camera, or begin with it where none runs. Phones open one camera at a time,
   * so the present one is stopped first; if the next one fails, the present one comes back.
   *
   * @throws {CaptureError} `NotFoundError` when there is no other camera, or why it failed
   */
  async switchCamera() {
    if (this.#switching) return;
    const devices = await navigator.mediaDevices.enumerateDevices();
    const ids = devices.filter((one) => one.kind === 'videoinput').map((one) => one.deviceId);
    const present = this.#tracks.video?.getSettings().deviceId ?? '';
    const next = ids[(ids.indexOf(present || this.#tried) + 1) % ids.length];
    if (!next || next === present) throw new CaptureError('NotFoundError');
    this.#tried = next;
    const before = present ? { deviceId: { exact: present } } : this.#camera;
    this.#switching = true;
    try {
      await this.#changeCamera({ deviceId: { exact: next } }, before);
    } finally {
      this.#switching = false;
      // Where neither of the two starts, whichever is free first will do.
      this.#retakeLost();
    }
  }

  /** What the camera offers beside the picture. `zoom` in the device's own units. */
  get lens() {
    const track = this.#tracks.video;
    const able = /** @type {any} */ (track?.getCapabilities?.() ?? {});
    const now = /** @type {any} */ (track?.getSettings() ?? {});
    const zoom = able.zoom?.max > able.zoom?.min ? { ...able.zoom, now: now.zoom } : null;
    return { torch: Boolean(able.torch), lit: Boolean(now.torch), zoom };
  }

  /** @param {{torch: boolean} | {zoom: number}} setting */
  async setLens(setting) {
    const advanced = /** @type {any} */ ([setting]);
    const track = this.#tracks.video;
    try {
      await track?.applyConstraints({ ...this.#size, advanced });
    } catch {
      // Some cameras take their light and zoom only by themselves.
      await track?.applyConstraints({ advanced });
    }
    this.emit('change', null);
  }

  /** @param {Kind} kind */
  #live(kind) {
    return this.#tracks[kind]?.readyState === 'live';
  }

  /** As `#tryOpen`; a camera that was switched to and is gone gives way to any other. */
  async #openAny(/** @type {Kind[]} */ kinds) {
    const error = await this.#tryOpen(kinds);
    if (error?.name !== 'OverconstrainedError' || this.#camera === this.#anyCamera) return error;
    this.#camera = this.#anyCamera;
    return this.#tryOpen(kinds);
  }

  /** @param {Kind[]} kinds @returns {Promise<CaptureError | null>} */
  async #tryOpen(kinds) {
    this.#size = sizeOf(this.#lines());
    try {
      const stream = await open({
        audio: kinds.includes('audio') && MICROPHONE,
        video: kinds.includes('video') && { ...this.#size, ...this.#camera },
      });
      for (const track of stream.getTracks()) this.#put(/** @type {Kind} */ (track.kind), track);
      return null;
    } catch (error) {
      return /** @type {CaptureError} */ (error);
    }
  }

  /** @param {Kind} kind @param {MediaStreamTrack | null} track */
  #put(kind, track) {
    if (track && !this.#wanted[kind]) return track.stop();
    this.#tracks[kind]?.stop();
    this.#tracks[kind] = track;
    if (track) {
      track.enabled = this.#enabled[kind];
      if (kind === 'audio') track.contentHint = 'speech';
      track.addEventListener('ended', () => this.#lost(kind, track));
      track.addEventListener('mute', () => this.#muted(kind, track));
      track.addEventListener('unmute', () => this.emit('change', null));
    }
    this.emit('track', { kind, track });
    this.emit('change', null);
  }

  /**
   * @param {MediaTrackConstraints} next
   * @param {MediaTrackConstraints} before
   */
  async #changeCamera(next, before) {
    // A camera that failed while it rang is wanted no more; whoever switches wants one again.
    const wanted = this.#wanted.video;
    this.#wanted.video = true;
    this.#tracks.video?.stop();
    this.#camera = next;
    const error = await this.#tryOpen(['video']);
    if (!error) return;
    this.#camera = before;
    if (await this.#tryOpen(['video'])) this.#wanted.video &&= wanted;
    throw error;
  }

  /** @param {Kind} kind @param {MediaStreamTrack} track */
  #lost(kind, track) {
    if (this.#tracks[kind] !== track) return;
    this.emit('change', null);
    this.#retake(kind);
  }

  /** @param {Kind} kind @param {MediaStreamTrack} track */
  #muted(kind, track) {
    this.emit('change', null);
    setTimeout(() => {
      const still = this.#tracks[kind] === track && track.muted && !document.hidden;
      if (still) this.#retake(kind);
    }, MUTED_MS);
  }

  #retakeLost() {
    for (const kind of /** @type {Kind[]} */ (['audio', 'video'])) {
      const track = this.#tracks[kind];
      if (track && (track.readyState === 'ended' || track.muted)) this.#retake(kind);
    }
  }

  /** Try to open a lost device again, for as long as it is wanted. @param {Kind} kind */
  async #retake(kind) {
    if (this.#retaking.has(kind) || this.#switching) return;
    this.#retaking.add(kind);
    try {
      for (let attempt = 0; this.#wanted[kind]; attempt++) {
        const pause = RETAKE_PAUSES_MS[Math.min(attempt, RETAKE_PAUSES_MS.length - 1)];
        await new Promise((resolve) => setTimeout(resolve, pause));
        const track = this.#tracks[kind];
        if (track?.readyState === 'live' && !track.muted) return;
        const error = await this.#openAny([kind]);
        if (!error) return;
        if (attempt === 0) this.emit('trouble', { kind, error });
      }
    } finally {
      this.#retaking.delete(kind);
    }
  }
}
