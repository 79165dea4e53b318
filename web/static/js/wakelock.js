// @ts-check
/** Keeps the screen awake during a call (W3C screen-wake-lock); browsers drop it when hidden. */
export class WakeLock {
  #wanted = false;
  /** @type {WakeLockSentinel | null} */
  #lock = null;

  constructor() {
    document.addEventListener('visibilitychange', () => this.#take());
  }

  /** @param {boolean} awake */
  keep(awake) {
    if (awake === this.#wanted) return;
    this.#wanted = awake;
    if (awake) this.#take();
    else this.#lock?.release().finally(() => (this.#lock = null));
  }

  async #take() {
    const held = this.#lock && !this.#lock.released;
    if (!this.#wanted || held || document.hidden || !('wakeLock' in navigator)) return;
    try {
      const lock = await navigator.wakeLock.request('screen');
      const needed = this.#wanted && (!this.#lock || this.#lock.released);
      if (needed) this.#lock = lock;
      else await lock.release();
    } catch {
      // A phone that saves its battery refuses; the call goes on, and the next visit tries again.
    }
  }
}
