// @ts-check
/** A call's recording beside its timeline: a tap on an event plays what was said then. */
import { byId, post, say, show } from '../dom.js';
import { refusal, t } from '../words.js';
import { AnonymisedCopy } from './copy.js';

const REST_MS = 500;

/**
 * @typedef {object} Recorded
 * @property {string} id
 * @property {'running' | 'ended' | 'ready' | 'empty' | 'failed'} state
 * @property {number} started_at
 * @property {number} duration_ms
 * @property {import('./copy.js').Copied | null} copy its anonymised copy
 */

export class Playback {
  /** @type {Recorded[]} */
  #all = [];
  /** @type {Recorded | null} what the player has */
  #open = null;
  /** the player has the copy of that */
  #copied = false;
  #sure = false;
  #resting = 0;
  #video = byId('playback-video', HTMLVideoElement);
  #delete = byId('playback-delete', HTMLButtonElement);

  constructor(/** @type {string} */ showroom) {
    this.query = new URLSearchParams({ showroom });
    this.copy = new AnonymisedCopy(this.query, () => this.#play(this.#current, 0, true));
    byId('playback-open').addEventListener('click', () => this.#play(this.#current, 0));
    this.#delete.addEventListener('click', () => this.#remove());
    byId('timeline').addEventListener('close', () => {
      this.#all = [];
      this.#empty();
      this.copy.follow(null, false);
    });
  }

  /** The moment that is seen, in ms since the epoch; null while nothing is. */
  get moment() {
    return this.#open && this.#open.started_at + this.#video.currentTime * 1000;
  }

  /** Show a call's recordings. */
  follow(/** @type {Recorded[]} */ recordings) {
    this.#empty();
    this.#all = recordings;
    this.#show();
  }

  /** Let a button lead to this moment, if it was recorded. @param {HTMLElement} button @param {number} at */
  offer(button, at) {
    const there = this.#ready.find((one) => at >= one.started_at && at <= one.started_at + one.duration_ms);
    show(button, Boolean(there));
    button.title = t('manager.recording.play_from');
    button.setAttribute('aria-label', t('manager.recording.play_from'));
    button.onclick = () =>
      there && this.#play(there, at - there.started_at, this.#copied && this.#open === there);
  }

  get #ready() {
    return this.#all.filter((one) => one.state === 'ready');
  }

  /** What the buttons are about. */
  get #current() {
    return this.#open ?? this.#ready[0];
  }

  /** What can be deleted: also what can't be played, but nothing that still runs. */
  get #removable() {
    return this.#current ?? this.#all.find((one) => one.state !== 'running');
  }

  #show() {
    const ready = this.#ready.length > 0;
    const last = this.#all.at(-1);
    show(byId('playback'), this.#all.length > 0);
    show(byId('playback-open'), ready && (!this.#open || this.#copied));
    show(this.#delete, Boolean(this.#removable));
    this.#sure = false;
    clearTimeout(this.#resting);
    this.#delete.disabled = false;
    say(this.#delete, t('manager.recording.delete'));
    const word = ready ? 'noted' : (last?.state ?? 'empty');
    say(byId('playback-state'), t(`manager.recording.${word}`));
    this.copy.follow(this.#current ?? null, this.#copied);
  }

  /**
   * @param {Recorded | undefined} recording
   * @param {number} at ms from its beginning
   * @param {boolean} copied its anonymised copy rather
   */
  async #play(recording, at, copied = false) {
    if (!recording) return;
    if (this.#open?.id !== recording.id || this.#copied !== copied) {
      const answer = copied
        ? await this.copy.address(recording.id)
        : await post(`/manager/recordings/${recording.id}/link?${this.query}`, {});
      // The sheet was closed meanwhile, or is another call's.
      if (!this.#all.includes(recording)) return;
      if (!answer.ok) return say(byId('playback-state'), refusal(answer));
      this.#open = recording;
      this.#copied = copied;
      this.#video.src = answer.address;
      show(this.#video, true);
      this.#show();
    }
    this.#video.currentTime = at / 1000;
    this.#video.play().catch(() => {});
    this.#video.focus();
  }

  async #remove() {
    const recording = this.#removable;
    if (!recording) return;
    if (!this.#sure) return this.#askOnce();
    // Whoever knows that it shall go has nothing more to say until it has gone.
    this.#delete.disabled = true;
    const answer = await post(`/manager/recordings/${recording.id}/erase?${this.query}`, {});
    this.#delete.disabled = false;
    if (!this.#all.includes(recording)) return;
    if (!answer.ok) return say(byId('playback-state'), refusal(answer));
    this.#empty();
    this.#all = this.#all.filter((one) => one !== recording);
    this.#show();
    show(byId('playback'), true);
    if (!this.#all.length) say(byId('playback-state'), t('manager.recording.deleted'));
  }

  /** What appears under a finger does not take its second tap. */
  #askOnce() {
    this.#sure = true;
    say(this.#delete, t('manager.recording.sure'));
    say(byId('playback-state'), t('manager.recording.sure.text'));
    const focused = document.activeElement === this.#delete;
    this.#delete.disabled = true;
    this.#resting = setTimeout(() => {
      this.#delete.disabled = false;
      if (focused) this.#delete.focus();
    }, REST_MS);
  }

  #empty() {
    this.#open = null;
    this.#copied = false;
    this.#video.removeAttribute('src');
    this.#video.load();
    show(this.#video, false);
  }
}
