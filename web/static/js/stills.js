// @ts-check
/**
 * Sharp stills over a data channel, for a line that bears no moving picture. One is on its way at a
 * time, paced below what the line bears beside the sound; the next is taken when that one has left.
 * What arrives is a `type` and a size as JSON, then the picture itself in pieces.
 */
import { pause, within } from './time.js';

/** Small enough that sound behind a piece waits for less than a tenth of a second at 56 kbit/s. */
const PIECE = 600;
/** With SCTP, DTLS, UDP and IP. */
const OVERHEAD = 1.15;
/** No more than this may wait in the browser. */
const WAITING = 2 * PIECE;
const LOOK_MS = 50;
/** A camera that runs shows its first frame well before. */
const FRAME_MS = 2000;
/** Seconds that a still may take. */
const TAKES = 6;
/** Widths by what they need at least to be sharp, in bytes. */
const WIDTHS = [
  { width: 1280, bytes: 90_000 },
  { width: 960, bytes: 45_000 },
  { width: 640, bytes: 0 },
];
const BEST = 0.85;
const WORST = 0.1;
const TRIES = 4;
export const LARGEST = 400_000;
const TYPES = new Set(['image/webp', 'image/jpeg']);
const LONGEST_SIDE = 4096;

/** How large a still may be on a line with so much to spare. @param {number} spare bit/s */
export function budgetOf(spare) {
  const bytes = Math.min(LARGEST, Math.round((spare * TAKES) / 8 / OVERHEAD));
  const width = WIDTHS.find((one) => bytes >= one.bytes)?.width ?? 640;
  return { bytes, width };
}

/**
 * The quality to try next, when a picture of one quality had so many bytes.
 *
 * @param {number} quality 0–1
 * @param {number} size bytes
 * @param {number} budget bytes
 */
export function nextQuality(quality, size, budget) {
  // Bytes grow faster than quality; a little less than the ratio lands below the budget.
  const next = quality * Math.min(1.5, Math.max(0.3, (0.95 * budget) / size));
  return Math.min(BEST, Math.max(WORST, next));
}

/** Sends what a camera sees, still by still, for as long as it is switched on. */
export class StillSender {
  #channel;
  #camera;
  #spare;
  #on = false;
  #running = false;
  #quality = 0.6;

  /**
   * @param {RTCDataChannel} channel reliable and in order
   * @param {() => MediaStreamTrack | null} camera
   * @param {() => number} spare bit/s that stills may take
   */
  constructor(channel, camera, spare) {
    this.#channel = channel;
    this.#camera = camera;
    this.#spare = spare;
    channel.addEventListener('open', () => this.#run());
  }

  turn(/** @type {boolean} */ on) {
    this.#on = on;
    this.#run();
  }

  get #goes() {
    return this.#on && this.#channel.readyState === 'open';
  }

  async #run() {
    if (this.#running || !this.#goes) return;
    this.#running = true;
    try {
      while (this.#goes) await this.#sendOne();
    } finally {
      this.#running = false;
    }
  }

  async #sendOne() {
    const track = this.#camera();
    const still = track?.readyState === 'live' && track.enabled ? await this.#take(track) : null;
    if (!still) return void (await pause(LOOK_MS * 10));
    const bytes = await still.arrayBuffer();
    if (!this.#goes) return;
    this.#channel.send(JSON.stringify({ type: still.type, bytes: bytes.byteLength }));
    for (let from = 0; from < bytes.byteLength && this.#goes; ) {
      const piece = bytes.slice(from, from + PIECE);
      from += piece.byteLength;
      this.#channel.send(piece);
      await pause((piece.byteLength * OVERHEAD * 8 * 1000) / this.#spare());
      await this.#left(WAITING);
    }
    await this.#left(0);
  }

  /** Wait until no more than this waits in the browser. */
  async #left(/** @type {number} */ waiting) {
    const channel = this.#channel;
    while (channel.readyState === 'open' && channel.bufferedAmount > waiting) await pause(LOOK_MS);
  }

  /** Take a still that fits the line. @returns {Promise<Blob | null>} */
  async #take(/** @type {MediaStreamTrack} */ track) {
    const budget = budgetOf(this.#spare());
    const canvas = await frameOf(track, budget.width);
    if (!canvas) return null;
    let best = null;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const blob = await encoded(canvas, this.#quality);
      if (!blob || !TYPES.has(blob.type)) return null;
      const next = nextQuality(this.#quality, blob.size, budget.bytes);
      const fits = blob.size <= budget.bytes;
      if (fits || blob.size < (best?.size ?? Infinity)) best = blob;
      if (fits || this.#quality === WORST) {
        this.#quality = next;
        break;
      }
      this.#quality = next;
    }
    return best && best.size <= LARGEST ? best : null;
  }
}

/**
 * Take stills from a channel.
 *
 * @param {RTCDataChannel} channel
 * @param {(still: ImageBitmap) => void} show
 */
export function receiveStills(channel, show) {
  channel.binaryType = 'arraybuffer';
  const assembly = new Assembly();
  channel.addEventListener('message', async ({ data }) => {
    const blob = assembly.add(data);
    if (!blob) return;
    try {
      const still = await createImageBitmap(blob);
      if (Math.max(still.width, still.height) <= LONGEST_SIDE) show(still);
    } catch {
      // The next one comes in a few seconds.
    }
  });
}

/** Puts the pieces of stills together; what is out of order or too large is dropped. */
export class Assembly {
  /** @type {{type: string, bytes: number} | null} */
  #head = null;
  /** @type {ArrayBuffer[]} */
  #pieces = [];
  #size = 0;

  /** @param {string | ArrayBuffer} data @returns {Blob | null} a still that is complete */
  add(data) {
    if (typeof data === 'string') {
      this.#head = headOf(data);
      this.#pieces = [];
      this.#size = 0;
      return null;
    }
    if (!this.#head) return null;
    this.#pieces.push(data);
    this.#size += data.byteLength;
    if (this.#size < this.#head.bytes) return null;
    const whole = this.#size === this.#head.bytes;
    const blob = whole ? new Blob(this.#pieces, { type: this.#head.type }) : null;
    this.#head = null;
    this.#pieces = [];
    return blob;
  }
}

/** @returns {{type: string, bytes: number} | null} */
function headOf(/** @type {string} */ text) {
  try {
    const { type, bytes } = JSON.parse(text);
    const sound = TYPES.has(type) && Number.isInteger(bytes) && bytes > 0 && bytes <= LARGEST;
    return sound ? { type, bytes } : null;
  } catch {
    return null;
  }
}

/** The present picture of a camera, so wide or as wide as it is. */
async function frameOf(/** @type {MediaStreamTrack} */ track, /** @type {number} */ width) {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  try {
    // A track that ends before its first frame may leave this without an answer.
    await within(FRAME_MS, video.play());
    const scale = Math.min(1, width / Math.max(video.videoWidth, video.videoHeight));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
    return canvas.width ? canvas : null;
  } catch {
    return null;
  } finally {
    video.srcObject = null;
  }
}

/** As WebP where the browser writes it: two thirds of a JPEG. @returns {Promise<Blob | null>} */
async function encoded(/** @type {HTMLCanvasElement} */ canvas, /** @type {number} */ quality) {
  const as = (/** @type {string} */ type) =>
    /** @type {Promise<Blob | null>} */ (
      new Promise((done) => canvas.toBlob(done, type, quality))
    );
  const webp = await as('image/webp');
  return webp?.type === 'image/webp' ? webp : as('image/jpeg');
}
