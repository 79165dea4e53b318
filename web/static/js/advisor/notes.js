// @ts-check
/** The private notes of one call: saved a moment after the last key, again while nobody answers. */

const SAVE_AFTER_MS = 800;
const AGAIN_AFTER_MS = 3200;
/** Refusals that no repetition mends: the call is over, or somebody else's. */
const FINAL = new Set(['illegal_move', 'not_found']);

/** @typedef {'' | 'saving' | 'saved' | 'failed'} NotesState */

export class Notes {
  #call = '';
  #open = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #saver;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {(notes: string) => Promise<unknown>} save throws `Refused`
   * @param {(state: NotesState) => void} tell
   */
  constructor(field, save, tell) {
    this.field = field;
    this.save = save;
    this.tell = tell;
    field.addEventListener('input', () => this.keep());
  }

  /** Save what stands there, in a moment. */
  keep() {
    this.tell('saving');
    this.#open = true;
    this.#saveAfter(SAVE_AFTER_MS);
  }

  /** Save nothing from here: what stands there goes another way, or nowhere. */
  drop() {
    this.#open = false;
    this.#forget();
  }

  /** What was typed in this call, newer than what the server may have; null if it was not here. */
  of(/** @type {string} */ call) {
    return call === this.#call ? this.field.value : null;
  }

  /** Begin with another call: what was typed in the last one has no place in it. */
  begin(/** @type {string} */ call, /** @type {string} */ notes) {
    this.#forget();
    this.#call = call;
    this.field.value = notes;
    this.tell('');
  }

  /** Save what is not saved yet, now. */
  flush() {
    if (this.#saver !== undefined) this.#save();
  }

  /** Leave the call. What can't be saved now is given up: later it would end in the next call. */
  leave() {
    this.#open = false;
    this.flush();
  }

  #forget() {
    clearTimeout(this.#saver);
    this.#saver = undefined;
  }

  #saveAfter(/** @type {number} */ ms) {
    clearTimeout(this.#saver);
    this.#saver = setTimeout(() => this.#save(), ms);
  }

  async #save() {
    this.#forget();
    const call = this.#call;
    const text = this.field.value;
    try {
      await this.save(text);
      if (call === this.#call && text === this.field.value) this.tell('saved');
    } catch (error) {
      if (call !== this.#call || !this.#open) return;
      const final = FINAL.has(/** @type {{code?: string}} */ (error).code ?? '');
      if (final) this.tell('failed');
      else if (this.#saver === undefined) this.#saveAfter(AGAIN_AFTER_MS);
    }
  }
}
