// @ts-check
/**
 * When the coach speaks: a fault must be seen twice in a row, and there is one hint in ten seconds.
 * A hint goes when the picture is well twice in a row, or by itself; one that was dismissed stays
 * away for a minute.
 */

const TWICE = 2;
const BETWEEN_MS = 10_000;
const SHOWN_MS = 12_000;
const QUIET_MS = 60_000;
const WELL = 'well';

export class HintRule {
  #last = '';
  #times = 0;
  #hint = '';
  #since = -Infinity;
  /** @type {Map<string, number>} when each fault was dismissed */
  #dismissed = new Map();

  /** The hint that stands, or ''. */
  get hint() {
    return this.#hint;
  }

  /**
   * Take one remark in.
   *
   * @param {string} remark what the server says of a still
   * @param {number} now milliseconds
   * @returns {string} the hint to show, or ''
   */
  see(remark, now) {
    this.#times = remark === this.#last ? this.#times + 1 : 1;
    this.#last = remark;
    if (now - this.#since >= SHOWN_MS) this.#hint = '';
    if (this.#times < TWICE) return this.#hint;
    if (remark === WELL) this.#hint = '';
    else if (this.#mayShow(remark, now)) {
      this.#hint = remark;
      this.#since = now;
    }
    return this.#hint;
  }

  /** The advisor has read it. @param {number} now milliseconds */
  dismiss(now) {
    if (this.#hint) this.#dismissed.set(this.#hint, now);
    this.#hint = '';
  }

  /** Another camera, another call: what was seen before says nothing of it. */
  forget() {
    this.#last = '';
    this.#times = 0;
    this.#hint = '';
  }

  #mayShow(/** @type {string} */ remark, /** @type {number} */ now) {
    const quiet = now - (this.#dismissed.get(remark) ?? -Infinity) < QUIET_MS;
    return !quiet && now - this.#since >= BETWEEN_MS;
  }
}
