// @ts-check
/** A recording's anonymised copy: asked for, followed while it is made, and then played. */
import { byId, get, post, say, show } from '../dom.js';
import { refusal, t } from '../words.js';

/**
 * @typedef {object} Copied
 * @property {'making' | 'ready' | 'failed' | 'full'} state
 * @property {number} percent
 *
 * @typedef {{id: string, copy: Copied | null}} Source a recording, and how far its copy is
 */

/** How often the page asks how far it is. */
const ASK_MS = 1000;

export class AnonymisedCopy {
  /** @type {Source | null} the recording */
  #of = null;
  #playing = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;
  #make = byId('copy-make', HTMLButtonElement);
  #cancel = byId('copy-cancel', HTMLButtonElement);

  /** @param {URLSearchParams} query @param {() => void} play plays the copy that is followed */
  constructor(query, play) {
    this.query = query;
    this.#make.addEventListener('click', () => this.#tell(''));
    this.#cancel.addEventListener('click', () => this.#tell('/cancel'));
    byId('copy-play').addEventListener('click', play);
  }

  /**
   * Show how far the copy of a recording is, until told of another or of none.
   *
   * @param {Source | null} recording
   * @param {boolean} playing its copy is what the player has
   */
  follow(recording, playing) {
    this.#of = recording;
    this.#playing = playing;
    this.#show();
  }

  /** Make an address of what is followed. @param {string} id */
  async address(id) {
    return await post(this.#path(id, '/link'), {});
  }

  #show(problem = '') {
    const { state, percent } = this.#of?.copy ?? { state: '', percent: 0 };
    show(byId('copy'), Boolean(this.#of));
    const making = state === 'making';
    show(byId('copy-making'), making);
    byId('copy-bar', HTMLProgressElement).value = percent;
    say(byId('copy-percent'), t('manager.copy.making', { percent }));
    show(this.#make, !making && state !== 'ready');
    show(byId('copy-play'), state === 'ready' && !this.#playing);
    const word = this.#playing ? 'shown' : state && !making ? state : '';
    const text = problem || (word && t(`manager.copy.${word}`));
    say(byId('copy-state'), text);
    show(byId('copy-state'), Boolean(text));
    clearTimeout(this.#next);
    if (making) this.#next = setTimeout(() => this.#ask(), ASK_MS);
  }

  async #ask() {
    const of = this.#of;
    if (of) this.#hear(of, await get(this.#path(of.id, '/progress')), true);
  }

  /** Ask for a copy, or cancel it. */
  async #tell(/** @type {string} */ what) {
    const of = this.#of;
    if (!of) return;
    this.#make.disabled = this.#cancel.disabled = true;
    const answer = await post(this.#path(of.id, what), {});
    this.#make.disabled = this.#cancel.disabled = false;
    this.#hear(of, answer);
    if (answer.ok && of === this.#of) (what ? this.#make : this.#cancel).focus();
  }

  /** @param {Source} of @param {any} answer @param {boolean} again it is asked again and again */
  #hear(of, answer, again = false) {
    if (answer.ok) of.copy = answer.copy;
    else if (answer.code === 'not_found') of.copy = null;
    const passes = answer.ok || (again && answer.code === 'no_answer');
    if (of === this.#of) this.#show(passes ? '' : refusal(answer));
  }

  #path(/** @type {string} */ id, /** @type {string} */ what) {
    return `/manager/recordings/${id}/copy${what}?${this.query}`;
  }
}
