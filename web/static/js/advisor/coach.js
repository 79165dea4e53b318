// @ts-check
/**
 * The picture coach: sends a small still of the camera every two seconds of a call, and says in a
 * word what is wrong with the picture and how to mend it.
 */
import { byId, postPicture, say, show } from '../dom.js';
import { t } from '../words.js';
import { HintRule } from './hint_rule.js';
import { coachStill } from './still.js';

const EVERY_MS = 2000;

export class Coach {
  #rule = new HintRule();
  /** What the remarks so far are about: what is filmed, and the camera. */
  #subject = '';
  #busy = false;
  #block = byId('coach');

  /**
   * @param {HTMLVideoElement} video that plays the own camera
   * @param {import('../capture.js').Capture} capture
   * @param {() => string} filmed where stills of what is filmed now go, or '' when nothing is
   * @param {(hint: string) => void} [said] is told of each hint
   */
  constructor(video, capture, filmed, said = () => {}) {
    this.video = video;
    this.capture = capture;
    this.filmed = filmed;
    this.said = said;
    byId('coach-torch').addEventListener('click', () => this.#light());
    byId('close-coach').addEventListener('click', () => {
      this.#rule.dismiss(performance.now());
      this.#show();
    });
    setInterval(() => this.#look(), EVERY_MS);
  }

  /** What was said is about nothing any more. */
  hide() {
    this.#rule.forget();
    this.#show();
  }

  async #look() {
    const address = this.filmed();
    const subject = `${address} ${this.capture.track('video')?.id}`;
    if (subject !== this.#subject || !address) this.hide();
    this.#subject = subject;
    // A line that is slower than the stills gets fewer of them.
    if (!address || this.#busy || document.hidden) return;
    this.#busy = true;
    try {
      const still = await coachStill(this.video);
      const answer = still && (await postPicture(address, still));
      if (!answer?.remark || subject !== this.#subject) return;
      const before = this.#rule.hint;
      const hint = this.#rule.see(answer.remark, performance.now());
      if (hint && hint !== before) this.said(hint);
      this.#show();
    } finally {
      this.#busy = false;
    }
  }

  #show() {
    const hint = this.#rule.hint;
    const { torch, lit } = this.capture.lens;
    const dark = hint === 'dark';
    const word = dark && torch && !lit ? 'dark_torch' : hint;
    show(byId('coach-card'), Boolean(hint));
    show(byId('coach-torch'), dark && torch && !lit);
    // The region itself stays: a screen reader reads what changes in one that was there before.
    say(byId('coach-text'), hint && t(`advisor.coach.${word}`));
    this.#block.dataset.hint = hint;
  }

  async #light() {
    try {
      await this.capture.setLens({ torch: true });
    } catch {
      // A camera that offers it and then refuses: what else helps stays on the screen.
    }
    this.#rule.dismiss(performance.now());
    this.#show();
  }
}
