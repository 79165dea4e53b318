// @ts-check
/**
 * What went wrong in the call and how to mend it. A device that failed while it rang is remembered:
 * its words show once the call is on the screen, and go when the device runs.
 */
import { byId, show } from '../dom.js';
import { t } from '../words.js';

/** @typedef {import('../capture.js').Kind} Kind */

export class Remedy {
  /** @type {Map<Kind, import('../capture.js').CaptureError>} */
  #failed = new Map();

  /** @param {import('../capture.js').Capture} capture */
  constructor(capture) {
    capture
      .on('trouble', ({ kind, error }) => {
        this.#failed.set(kind, error);
        this.showDevices();
      })
      .on('track', ({ kind, track }) => {
        if (track && this.#failed.delete(kind)) this.showDevices();
      });
    byId('try-again').addEventListener('click', () => {
      show(byId('remedy'), false);
      capture.open(...this.#failed.keys());
    });
    byId('close-remedy').addEventListener('click', () => this.hide());
  }

  /** Say what each device that failed means for the customer, and how to mend it. */
  showDevices() {
    const lines = [...this.#failed.keys()].map((kind) => t(`advisor.live.no_${kind}`));
    const remedies = Array.from(this.#failed.values(), (error) => t(error.remedy));
    this.say([...lines, ...new Set(remedies)].join(' '), true);
  }

  /** Say this, with a way to try again where it is about the devices; nothing hides it. */
  say(/** @type {string} */ text, again = false) {
    byId('remedy-text').textContent = text;
    show(byId('try-again'), again);
    show(byId('remedy'), Boolean(text));
  }

  hide() {
    show(byId('remedy'), false);
  }
}
