// @ts-check
/** After a call: what was recorded of it can be deleted in one tap, by either side. */
import { byId, say, show } from './dom.js';
import { refusal, t } from './words.js';

export class RecordingKept {
  #button = byId('recording-kept-erase', HTMLButtonElement);
  #error = byId('recording-kept-error');
  #call = '';

  /** @param {(event: string, payload: object) => Promise<unknown>} send */
  constructor(send) {
    this.send = send;
    this.#button.addEventListener('click', () => this.#erase());
  }

  /** Show what there is of this call, or that it is gone. */
  follow(/** @type {{call: string, recording: import('./wire').Recording | null}} */ { call, recording }) {
    if (call !== this.#call) show(this.#error, false);
    this.#call = call;
    const there = Boolean(recording?.erasable);
    const erased = recording?.over === 'erased';
    if (erased) show(this.#error, false);
    show(byId('recording-kept'), there || erased);
    show(this.#button, there);
    say(byId('recording-kept-text'), there ? t('recording.kept') : erased ? t('recording.over.erased') : '');
  }

  async #erase() {
    this.#button.disabled = true;
    try {
      await this.send('stop_recording', { erase: true });
      show(this.#error, false);
    } catch (refused) {
      say(this.#error, refusal(/** @type {import('./signalling.js').Refused} */ (refused)));
      show(this.#error, true);
    } finally {
      this.#button.disabled = false;
    }
  }
}
