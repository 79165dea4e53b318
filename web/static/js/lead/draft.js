// @ts-check
/**
 * A sheet on its way to the server: saved a moment after the last key, again while nobody answers,
 * and joined with another version where somebody else saved one.
 */
import { merge, same } from './merge.js';

const SAVE_AFTER_MS = 800;
const AGAIN_AFTER_MS = 3000;
/** Refusals that no repetition mends. */
const FINAL = new Set(['bad_request', 'forbidden', 'illegal_move', 'not_found', 'too_large']);

/** @typedef {import('./lead').Sheet} Sheet */
/** @typedef {'' | 'saving' | 'saved' | 'again' | 'failed'} DraftState */
/** @typedef {{ok: boolean, code?: string, version?: number, sheet?: Sheet}} Answer */

export class Draft {
  #version = 0;
  /** What the server has. @type {Sheet | null} */
  #saved = null;
  /** What stands here. @type {Sheet | null} */
  #sheet = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<boolean> | null} */
  #saving = null;
  /** Grows with each sheet: an answer about an earlier one is of no interest. */
  #turn = 0;

  /**
   * @param {(version: number, sheet: Sheet) => Promise<any>} save returns the server's answer
   * @param {object} hear
   * @param {(state: DraftState, answer?: any) => void} hear.state
   * @param {(sheet: Sheet, foreign: Partial<Sheet>) => void} hear.joined shows another's version
   */
  constructor(save, hear) {
    this.save = save;
    this.hear = hear;
  }

  get version() {
    return this.#version;
  }

  /** What stands here and is not saved yet, with what it was made from; null if there is nothing. */
  get open() {
    const [base, sheet] = [this.#saved, this.#sheet];
    return base && sheet && !same(base, sheet) ? { base, sheet } : null;
  }

  /**
   * Begin with what the server has.
   *
   * @param {number} version
   * @param {Sheet} saved
   * @param {{base: Sheet, sheet: Sheet} | null} [open] what an earlier page could not save
   */
  begin(version, saved, open = null) {
    this.stop();
    this.#version = version;
    this.#saved = this.#sheet = saved;
    this.hear.state('');
    const { sheet, foreign } = open ? merge(open.base, open.sheet, saved) : { sheet: saved, foreign: {} };
    this.hear.joined(sheet, foreign);
    if (open) this.change(sheet);
  }

  /** Take what stands in the form now. */
  change(/** @type {Sheet} */ sheet) {
    this.#sheet = sheet;
    if (!this.open) return;
    this.hear.state('saving');
    this.#saveAfter(SAVE_AFTER_MS);
  }

  /** Know what the server took on another way, with a newer version. */
  took(/** @type {number} */ version, /** @type {Sheet} */ sheet) {
    clearTimeout(this.#timer);
    this.#version = version;
    this.#saved = sheet;
    if (this.open) this.#saveAfter(SAVE_AFTER_MS);
    else this.hear.state('saved');
  }

  /** Join with a newer version of somebody else's, and save what comes of it. */
  join(/** @type {number} */ version, /** @type {Sheet} */ theirs) {
    const [base, mine] = [this.#saved, this.#sheet];
    if (!base || !mine) return;
    const { sheet, foreign } = merge(base, mine, theirs);
    this.#version = version;
    this.#saved = theirs;
    this.#sheet = sheet;
    this.hear.joined(sheet, foreign);
  }

  /** Save what is not saved yet, now. @returns {Promise<boolean>} whether nothing is left to save */
  async flush() {
    clearTimeout(this.#timer);
    if (this.#saving && !(await this.#saving)) return false;
    // A conflict is joined and saved once more; who loses twice tries again in a while.
    for (let turn = 0; turn < 3 && this.open; turn++) {
      this.#saving ??= this.#send();
      if (!(await this.#saving)) return false;
    }
    return !this.open;
  }

  /** Forget the sheet: what is not saved by now is not saved from here. */
  stop() {
    clearTimeout(this.#timer);
    this.#turn++;
    this.#saving = this.#saved = this.#sheet = null;
  }

  #saveAfter(/** @type {number} */ ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ms);
  }

  /** @returns {Promise<boolean>} whether it is worth going on at once */
  async #send() {
    const [turn, sheet] = [this.#turn, this.#sheet];
    if (!sheet) return false;
    this.hear.state('saving');
    /** @type {Answer} */
    const answer = await this.save(this.#version, sheet);
    if (turn !== this.#turn) return false;
    this.#saving = null;
    if (answer.ok) {
      this.#version = answer.version ?? this.#version;
      this.#saved = sheet;
      this.hear.state(this.open ? 'saving' : 'saved', answer);
      return true;
    }
    if (answer.code === 'conflict' && answer.sheet) {
      this.join(answer.version ?? 0, answer.sheet);
      if (!this.open) this.hear.state('saved', answer);
      return true;
    }
    const final = FINAL.has(answer.code ?? '');
    this.hear.state(final ? 'failed' : 'again', answer);
    if (!final) this.#saveAfter(AGAIN_AFTER_MS);
    return false;
  }
}
