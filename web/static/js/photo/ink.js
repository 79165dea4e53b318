// @ts-check
/** What two people draw on a photo, as it comes in: in pieces, twice, and taken back. Pure rules. */

/** As the protocol has it. */
export const MOST_POINTS = 500;
const BATCH = 100;
/** A finger that rests adds nothing: points are this far apart, in fractions of the picture. */
const STEP = 0.002;

/**
 * @typedef {import('../wire').Side} Side
 * @typedef {{by: Side, stroke: string, points: number[]}} Stroke `points`: across, down, across …
 */

export class Ink {
  /** @type {Map<string, Stroke>} in the order of drawing */
  #strokes = new Map();

  /** All strokes, first drawn first. */
  get strokes() {
    return Array.from(this.#strokes.values());
  }

  /** Begin with what the server knows. @param {Stroke[]} strokes */
  load(strokes) {
    this.#strokes.clear();
    for (const one of strokes) this.put({ ...one, start: 0 });
  }

  /**
   * Put points into a stroke, from its point number `start` on; those that are there already may
   * come again. What would leave a gap belongs to a stroke that was taken back, and is dropped.
   *
   * @param {Stroke & {start: number}} more
   * @returns {boolean} whether it was taken
   */
  put({ by, stroke, start, points }) {
    const known = this.#strokes.get(key(by, stroke))?.points ?? [];
    if (start * 2 > known.length) return false;
    const whole = known.slice();
    whole.splice(start * 2, points.length, ...points);
    this.#strokes.set(key(by, stroke), { by, stroke, points: whole });
    return true;
  }

  /** Take back one stroke, or all. @param {Side} by @param {string | null} stroke */
  remove(by, stroke) {
    if (stroke === null) this.#strokes.clear();
    else this.#strokes.delete(key(by, stroke));
  }

  /** The last stroke of a side, or undefined. @param {Side} by */
  lastOf(by) {
    return this.strokes.filter((one) => one.by === by).at(-1);
  }
}

/** A stroke while it is drawn: what of it is new, in batches. */
export class Pen {
  /** @type {number[]} */
  #points = [];
  #sent = 0;

  /** @param {string} stroke its id */
  constructor(stroke) {
    this.stroke = stroke;
  }

  /** All of it so far. */
  get whole() {
    return { stroke: this.stroke, start: 0, points: this.#points };
  }

  get isFull() {
    return this.#points.length >= 2 * MOST_POINTS;
  }

  /**
   * Go on to a point; returns what that adds to the stroke, or null when it adds nothing.
   *
   * @param {{x: number, y: number}} point in fractions of the picture
   */
  move({ x, y }) {
    const [lastX = -1, lastY = -1] = this.#points.slice(-2);
    if (this.isFull || Math.hypot(x - lastX, y - lastY) < STEP) return null;
    const start = this.#points.length / 2;
    // Ten-thousandths, as the server keeps them: more digits only make the message longer.
    const points = [round(x), round(y)];
    this.#points.push(...points);
    return { stroke: this.stroke, start, points };
  }

  /** The next batch to send, or null when all is sent. */
  get batch() {
    if (this.#sent >= this.#points.length) return null;
    const points = this.#points.slice(this.#sent, this.#sent + 2 * BATCH);
    return { stroke: this.stroke, start: this.#sent / 2, points };
  }

  /** A batch has arrived. @param {{start: number, points: number[]}} batch */
  arrived({ start, points }) {
    this.#sent = Math.max(this.#sent, 2 * start + points.length);
  }
}

/** @param {Side} by @param {string} stroke */
function key(by, stroke) {
  return `${by}:${stroke}`;
}

/** @param {number} fraction */
function round(fraction) {
  return Math.round(fraction * 10_000) / 10_000;
}
