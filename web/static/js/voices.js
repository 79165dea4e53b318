// @ts-check
/** Plays what comes beside the other side's voice: companions and managers who speak. */
export class Voices {
  /** @type {HTMLAudioElement[]} */
  #elements = [];
  #volume = 1;

  /** How loud all of them are, from 0 to 1; those that come later too. */
  set volume(/** @type {number} */ volume) {
    this.#volume = volume;
    for (const element of this.#elements) element.volume = volume;
  }

  /** Play these tracks and no others. @param {MediaStreamTrack[]} tracks */
  attach(tracks) {
    for (const element of this.#elements) element.srcObject = null;
    this.#elements = tracks.map((track) => {
      const element = new Audio();
      element.volume = this.#volume;
      element.srcObject = new MediaStream([track]);
      // Whoever is in a call has tapped; where that is not enough, the next tap plays the picture's
      // sound, and these with it.
      element.play().catch(() => document.addEventListener('click', () => element.play(), { once: true }));
      return element;
    });
  }
}
