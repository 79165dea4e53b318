// @ts-check
/** The check before the work: advisors see themselves and see that their microphone hears them. */
import { byId, show } from '../dom.js';
import { t } from '../words.js';

/** The preview stops by itself: a phone's camera must not run hot between two calls. */
const PREVIEW_MS = 60_000;
const METER_MS = 100;

export class Check {
  /** The call has the devices now: ending the preview must leave them alone. */
  busy = false;

  #preview = byId('preview', HTMLVideoElement);
  #running = false;
  /** The number of the present check: a ring may end one while it still waits for permission. */
  #number = 0;
  #stopper = 0;
  #meter = 0;
  /** @type {AudioContext | null} */
  #context = null;

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
    clearInterval(this.#meter);
    this.#context?.close();
    this.#context = null;
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
    if (microphone && !this.#context) this.#measure(microphone);
  }

  /** Draw how loud the microphone is. @param {MediaStreamTrack} track */
  #measure(track) {
    const context = (this.#context = new AudioContext());
    const analyser = new AnalyserNode(context, { fftSize: 512 });
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const bar = byId('meter');
    this.#meter = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const loudness = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
      // Speech lies between -50 and -10 dB of full scale.
      const level = Math.min(1, Math.max(0, (20 * Math.log10(loudness + 1e-6) + 50) / 40));
      bar.style.setProperty('--level', level.toFixed(2));
      bar.setAttribute('aria-valuenow', String(Math.round(level * 100)));
    }, METER_MS);
  }
}
