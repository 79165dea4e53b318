// @ts-check
/** The data saver: less of a picture for this customer, by their own wish, kept for this browser. */
import { byId, show } from '../dom.js';
import { recall, remember } from '../memory.js';

const MEMORY = 'saver';
/** For how long the second choice stays on the screen. */
const CHOICE_MS = 8000;

/** @typedef {import('../wire').Saver} Wish */

export class Saver {
  #button = byId('data-saver');
  #stills = byId('saver-stills', HTMLInputElement);
  #choice = byId('saver-choice');
  #timer = 0;
  #changed;

  /** @param {() => void} changed called after each change by the customer */
  constructor(changed) {
    this.#changed = changed;
    this.#show(wishIn(recall(MEMORY)));
    this.#button.addEventListener('click', () => {
      const on = this.wish === 'off';
      this.#set(on ? (this.#stills.checked ? 'stills' : 'on') : 'off');
      this.#offer(on);
    });
    this.#stills.addEventListener('change', () => {
      this.#set(this.#stills.checked ? 'stills' : 'on');
      this.#offer(true);
    });
  }

  /** @returns {Wish} */
  get wish() {
    if (this.#button.getAttribute('aria-checked') !== 'true') return 'off';
    return this.#stills.checked ? 'stills' : 'on';
  }

  /** Take the second choice from the screen. */
  leave() {
    this.#offer(false);
  }

  #set(/** @type {Wish} */ wish) {
    this.#show(wish);
    remember(MEMORY, wish);
    this.#changed();
  }

  #show(/** @type {Wish} */ wish) {
    this.#button.setAttribute('aria-checked', String(wish !== 'off'));
    this.#button.dataset.on = String(wish !== 'off');
    if (wish !== 'off') this.#stills.checked = wish === 'stills';
  }

  #offer(/** @type {boolean} */ open) {
    clearTimeout(this.#timer);
    show(this.#choice, open);
    if (!open) return;
    // Nothing is taken away from under a finger, or from whoever reads it by keyboard.
    const used = () => this.#choice.matches(':hover, :focus-within');
    this.#timer = setTimeout(() => this.#offer(used()), CHOICE_MS);
  }
}

/** What was remembered; anything else means that nothing is saved. @returns {Wish} */
export function wishIn(/** @type {string} */ memory) {
  return memory === 'on' || memory === 'stills' ? memory : 'off';
}
