// @ts-check
/** How long a time is still kept. A screen reader hears it start, once more, and end. */
import { byId, say } from '../dom.js';
import { clock, t } from '../words.js';

const WHOLE_MS = 5 * 60_000;
const SOON_MS = 60_000;

export class Countdown {
  #timer = 0;

  /** Count down to `until`; `tick` gets the milliseconds left, 0 at the end. */
  start(/** @type {number} */ until, /** @type {(left: number) => void} */ tick) {
    this.stop();
    const look = () => {
      const left = Math.max(0, until - Date.now());
      this.#show(left);
      tick(left);
      if (left === 0) this.stop();
    };
    this.#timer = setInterval(look, 1000);
    look();
  }

  stop() {
    clearInterval(this.#timer);
  }

  #show(/** @type {number} */ left) {
    byId('countdown').dataset.over = String(left === 0);
    // Rounded up: what says 0:00 is over.
    const time = clock(Math.ceil(left / 1000) * 1000);
    say(byId('countdown-text'), left ? t('book.countdown', { left: time }) : t('book.countdown.over'));
    byId('countdown-bar').style.setProperty('scale', `${Math.min(1, left / WHOLE_MS)} 1`);
    const said =
      left === 0 ? 'book.countdown.over' : left < SOON_MS ? 'book.countdown.soon' : 'book.countdown.said';
    say(byId('countdown-said'), t(said));
  }
}
