// @ts-check
/**
 * Stills as a picture track: what shows a moving picture shows them too, and where to point. A stream
 * says nothing of tracks that a script moves: whoever plays them in another stream hears `changed`.
 */

/** The same still is painted again, for a picture without frames counts as frozen. */
const AGAIN_MS = 1000;
/** A still that is older than this is as good as none. */
const STALE_MS = 20_000;

export class StillTrack {
  #stream;
  #canvas = document.createElement('canvas');
  /** @type {MediaStreamTrack | null} */
  #track = null;
  /** @type {ImageBitmap | null} */
  #still = null;
  #timer = 0;
  #cameAt = 0;
  /** @type {MediaStreamTrack[]} */
  #moving = [];

  /** @param {MediaStream} stream where the moving picture is, and the stills shall be */
  constructor(stream) {
    this.#stream = stream;
  }

  /** Show this in the place of the moving picture. */
  show(/** @type {ImageBitmap} */ still) {
    this.#still?.close();
    this.#still = still;
    this.#cameAt = performance.now();
    this.#canvas.width = still.width;
    this.#canvas.height = still.height;
    this.#paint();
    if (this.#track) return;
    const [track = null] = this.#canvas.captureStream().getVideoTracks();
    if (!track) return;
    this.#track = track;
    this.#moving = this.#stream.getVideoTracks();
    for (const one of this.#moving) this.#stream.removeTrack(one);
    this.#stream.addTrack(track);
    this.#stream.dispatchEvent(new Event('changed'));
    this.#timer = setInterval(() => this.#paint(), AGAIN_MS);
  }

  /** Show the moving picture again. */
  clear() {
    if (!this.#track) return;
    clearInterval(this.#timer);
    this.#stream.removeTrack(this.#track);
    this.#track.stop();
    this.#track = null;
    for (const one of this.#moving) this.#stream.addTrack(one);
    this.#stream.dispatchEvent(new Event('changed'));
  }

  #paint() {
    const fresh = performance.now() - this.#cameAt < STALE_MS;
    if (this.#still && fresh) this.#canvas.getContext('2d')?.drawImage(this.#still, 0, 0);
  }
}
