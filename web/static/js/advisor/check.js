// @ts-check
/** The check before the work: advisors see themselves and see that their microphone hears them. */
import { byId, show } from '../dom.js';
import { Meter } from '../meter.js';
import { t } from '../words.js';

/** The preview stops by itself: a phone's camera must not run hot between two calls. */
const PREVIEW_MS = 60_000;

export class Check {
  /** The call has the devices now: ending the preview must leave them alone. */
  busy = false;

  #preview = byId('preview', HTMLVideoElement);
  #running = false;
  /** The number of the present check: a ring may end one while it still waits for permission. */
  #number = 0;
  #stopper = 0;
  #meter = new Meter(byId('meter'));

  /** @param {import('../capture.js').Capture} capture */
  constructor(capture) {
    this.capture = capture;
    byId('check-button').addEventListener('click', () => {
      if (this.#running) this.stop();
      else this.start();
    });
    capture.on('track', () => this.#running && this.#show());
  }

  /** Open both devices and show them; says what is wrong and how to mend it. */
  async start() {
    if (this.#running) return;
    this.#running = true;
    const number = ++this.#number;
    this.#label();
    const errors = await this.capture.open('audio', 'video');
    if (!this.#running || number !== this.#number) return;
    const error = byId('check-error');
    // One sentence may mend both.
    error.textContent = [...new Set(errors.map((one) => t(one.remedy)))].join(' ');
    show(error, errors.length > 0);
    this.#show();
    clearTimeout(this.#stopper);
    this.#stopper = setTimeout(() => this.stop(), PREVIEW_MS);
  }

  /** End the preview. */
  stop() {
    if (!this.#running) return;
    this.#running = false;
    clearTimeout(this.#stopper);
    this.#meter.stop();
    this.#preview.srcObject = null;
    byId('check-text').textContent = t(
      byId('check-error').hidden ? 'advisor.check.done' : 'advisor.check.text',
    );
    this.#label();
    if (!this.busy) this.capture.closeAll();
  }

  #label() {
    byId('check').dataset.state = this.#running ? 'running' : 'idle';
    byId('check-button').textContent = t(`advisor.check.${this.#running ? 'stop' : 'start'}`);
  }

  #show() {
    const camera = this.capture.track('video');
    this.#preview.srcObject = camera && new MediaStream([camera]);
    const microphone = this.capture.track('audio');
    if (microphone && !this.#meter.running) this.#meter.attach(microphone);
  }
}
