// @ts-check
/** The hand that draws on one photo: strokes of this side go out in batches, the other's come in. */
import { newId } from '../ids.js';
import { pause } from '../time.js';
import { Ink, Pen } from './ink.js';

const BATCH_MS = 80;
const RETRY_MS = 1000;

/**
 * @typedef {import('./ink.js').Side} Side
 * @typedef {(event: string, payload: object) => Promise<any>} Send rejects with a `Refused`
 */

export class Scribe {
  ink = new Ink();
  /** @type {Pen | null} */
  #pen = null;
  /** @type {Pen[]} strokes that are not all on their way yet */
  #waiting = [];
  #sending = false;

  /**
   * @param {string} photo its id
   * @param {Side} side
   * @param {Send} send
   * @param {{changed: () => void, full: () => void}} ways
   */
  constructor(photo, side, send, ways) {
    this.photo = photo;
    this.side = side;
    this.send = send;
    this.ways = ways;
  }

  /** What the server knows, after a connect: strokes that are on their way stay. */
  load(/** @type {import('./ink.js').Stroke[]} */ strokes) {
    this.ink.load(strokes);
    for (const pen of this.#waiting) this.ink.put({ by: this.side, ...pen.whole });
    this.ways.changed();
  }

  begin() {
    // Every batch of a stroke names it: short is enough among those of one photo.
    this.#pen = new Pen(newId(8));
  }

  /** Draw on to a point. @param {{x: number, y: number}} point in fractions of the photo */
  move(point) {
    const more = this.#pen?.move(point);
    if (!this.#pen || !more) return;
    if (!this.ink.put({ by: this.side, ...more })) return this.#drop(this.#pen);
    if (!this.#waiting.includes(this.#pen)) this.#waiting.push(this.#pen);
    this.ways.changed();
    if (!this.#sending) this.#sendSoon();
  }

  /** The stroke is done; or, with a second finger, it was none. */
  end(/** @type {boolean} */ taken) {
    const pen = this.#pen;
    this.#pen = null;
    if (pen && !taken) this.#takeBack(pen.stroke);
  }

  undo() {
    const last = this.ink.lastOf(this.side);
    if (last) this.#takeBack(last.stroke);
  }

  async clear() {
    this.#waiting = [];
    this.#pen = null;
    this.ink.remove(this.side, null);
    this.ways.changed();
    await this.#tell({});
  }

  /** The other side drew. What comes back of one's own is known already. */
  drawn(/** @type {import('../wire').Drawn} */ more) {
    if (more.photo !== this.photo || more.by === this.side) return;
    this.ink.put(more);
    this.ways.changed();
  }

  undrawn(/** @type {import('../wire').Undrawn} */ { photo, by, stroke }) {
    if (photo !== this.photo || by === this.side) return;
    if (stroke === null) this.#waiting = [];
    this.ink.remove(by, stroke);
    this.ways.changed();
  }

  #takeBack(/** @type {string} */ stroke) {
    this.#waiting = this.#waiting.filter((pen) => pen.stroke !== stroke);
    this.ink.remove(this.side, stroke);
    this.ways.changed();
    this.#tell({ stroke });
  }

  #drop(/** @type {Pen} */ pen) {
    this.#waiting = this.#waiting.filter((one) => one !== pen);
    if (this.#pen === pen) this.#pen = null;
  }

  async #tell(/** @type {{stroke?: string}} */ which) {
    // What was not heard shows again with the next connect, and can be taken back again.
    await this.send('undraw', { photo: this.photo, ...which }).catch(() => {});
  }

  async #sendSoon() {
    this.#sending = true;
    await pause(BATCH_MS);
    for (let pen = this.#waiting[0]; pen; pen = this.#waiting[0]) {
      const { batch } = pen;
      if (batch) await this.#sendBatch(pen, batch);
      else if (pen === this.#pen) break;
      else this.#drop(pen);
    }
    this.#sending = false;
  }

  /** @param {Pen} pen @param {{stroke: string, start: number, points: number[]}} batch */
  async #sendBatch(pen, batch) {
    try {
      await this.send('draw', { photo: this.photo, ...batch });
      pen.arrived(batch);
      await pause(BATCH_MS);
    } catch (error) {
      const { code } = /** @type {import('../signalling.js').Refused} */ (error);
      if (code === 'no_answer' || code === 'try_again') return await pause(RETRY_MS);
      // Cleared meanwhile, or more than a photo holds: what is not kept must not seem to be.
      this.#drop(pen);
      this.ink.remove(this.side, pen.stroke);
      this.ways.changed();
      if (code === 'too_many') this.ways.full();
    }
  }
}
