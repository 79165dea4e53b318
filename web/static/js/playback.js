// @ts-check
/**
 * Plays the other side's stream, with sound where the browser allows it, and knows whether the
 * picture still moves.
 */

/** A live picture that has not changed for this long has stopped. */
const FROZEN_MS = 2500;

export class Playback {
  #blocked = false;
  #quiet = false;
  #frameAt = 0;
  /** @type {MediaStream | null} what was attached last; its tracks play, in a stream of our own */
  #source = null;

  /**
   * @param {HTMLVideoElement} video
   * @param {(blocked: boolean) => void} onBlocked the browser wants a tap before it plays sound
   */
  constructor(video, onBlocked) {
    this.video = video;
    this.onBlocked = onBlocked;
    this.#watch();
    // Any tap on the page is one for the sound, also while it rings and nothing is seen yet.
    document.addEventListener('click', () => this.#blocked && this.#allow());
  }

  /**
   * Play this from now on. What already brings a picture takes the place of the one that plays track
   * by track: with another source the screen would stay empty until its first frame.
   *
   * @param {MediaStream | null} stream
   */
  attach(stream) {
    if (this.#source === stream) return;
    this.#source?.removeEventListener('changed', this.#copy);
    this.#source = stream;
    stream?.addEventListener('changed', this.#copy);
    if (this.video.srcObject && stream?.getVideoTracks().length && this.started && !this.frozen) {
      return this.#copy();
    }
    this.#frameAt = 0;
    // Never the stream itself: it may be attached again later, and must hold its own tracks then.
    this.video.srcObject = stream && new MediaStream(stream.getTracks());
    if (stream) this.#play();
  }

  /** Be silent for as long as the call is on hold. */
  quieten(/** @type {boolean} */ quiet) {
    this.#quiet = quiet;
    this.video.muted = quiet || this.#blocked;
  }

  /** Whether a picture has come since the stream was attached. */
  get started() {
    return this.#frameAt > 0;
  }

  /** Whether the picture has stopped; a page in the background shows no frames, and can't tell. */
  get frozen() {
    return this.started && !document.hidden && performance.now() - this.#frameAt > FROZEN_MS;
  }

  /** Have the stream that plays hold what the source holds. */
  #copy = () => {
    const playing = /** @type {MediaStream | null} */ (this.video.srcObject);
    const tracks = this.#source?.getTracks() ?? [];
    if (!playing) return;
    for (const track of tracks) playing.addTrack(track);
    for (const track of playing.getTracks()) {
      if (!tracks.includes(track)) playing.removeTrack(track);
    }
  };

  #allow() {
    this.#turn(false);
    this.#play();
  }

  async #play() {
    const stream = this.video.srcObject;
    try {
      await this.video.play();
    } catch (error) {
      const refused = /** @type {Error} */ (error).name === 'NotAllowedError';
      if (!refused || this.video.srcObject !== stream || this.video.muted) return;
      // A muted picture is always allowed: better than a black screen behind a button.
      this.#turn(true);
      this.#play();
    }
  }

  #turn(/** @type {boolean} */ blocked) {
    this.#blocked = blocked;
    this.video.muted = blocked || this.#quiet;
    this.onBlocked(blocked);
  }

  #watch() {
    const seen = () => {
      this.#frameAt = performance.now();
    };
    if (!('requestVideoFrameCallback' in this.video)) {
      // Older Firefox: the clock of the element moves with its picture.
      /** @type {HTMLVideoElement} */ (this.video).addEventListener('timeupdate', seen);
      return;
    }
    const next = () => {
      seen();
      this.video.requestVideoFrameCallback(next);
    };
    this.video.requestVideoFrameCallback(next);
    document.addEventListener('visibilitychange', () => this.started && seen());
  }
}
