// @ts-check
/** Small stills of the calls that run, where the showroom's policy shows them to managers. */
import { get } from '../dom.js';

const EVERY_MS = 5000;
/** A call that was held or has ended shows no picture any more: look soon after a change. */
const SOON_MS = 1000;

export class Stills {
  /** @type {Record<string, string>} JPEG in base64, by call */
  #shown = {};
  #timer = 0;
  #running = false;
  #due = Infinity;
  #asked = 0;

  /**
   * @param {string} showroom
   * @param {() => void} changed there are other stills now
   */
  constructor(showroom, changed) {
    this.query = new URLSearchParams({ showroom });
    this.changed = changed;
  }

  /** The picture of a call as an address, or ''. */
  of(/** @type {string} */ call) {
    const jpeg = this.#shown[call];
    return jpeg ? `data:image/jpeg;base64,${jpeg}` : '';
  }

  /** The floor changed. @param {boolean} running whether any call runs */
  follow(running) {
    this.#running = running;
    if (!running) this.#shown = {};
    this.#again(SOON_MS);
  }

  /** Look after this pause, or when it was due anyway. */
  #again(/** @type {number} */ pause) {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#due = Math.min(this.#due, performance.now() + pause);
    this.#timer = setTimeout(() => this.#look(), this.#due - performance.now());
  }

  async #look() {
    const turn = ++this.#asked;
    this.#due = Infinity;
    const answer = document.hidden ? {} : await get(`/manager/stills?${this.query}`);
    if (turn !== this.#asked) return;
    // Without an answer nobody knows whether they may still be seen.
    this.#shown = (this.#running && answer.stills) || {};
    this.changed();
    this.#again(EVERY_MS);
  }
}
