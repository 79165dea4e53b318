// @ts-check
/** How loud a microphone is, drawn as a bar. */

const STEP_MS = 100;
/** Below this nobody speaks: an open microphone in a quiet room. */
const AUDIBLE = 0.12;

export class Meter {
  /** Whether anything could be heard since the track was attached. */
  heard = false;

  #bar;
  #timer = 0;
  /** @type {AudioContext | null} */
  #context = null;

  /** @param {HTMLElement} bar an element with `role="meter"`, from 0 to 100 */
  constructor(bar) {
    this.#bar = bar;
  }

  get running() {
    return this.#context !== null;
  }

  /** Draw this microphone from now on. @param {MediaStreamTrack} track */
  attach(track) {
    this.stop();
    this.heard = false;
    const context = (this.#context = new AudioContext());
    const analyser = new AnalyserNode(context, { fftSize: 512 });
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const loudness = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
      // Speech lies between -50 and -10 dB of full scale.
      this.#show(Math.min(1, Math.max(0, (20 * Math.log10(loudness + 1e-6) + 50) / 40)));
    }, STEP_MS);
  }

  /** Wait until somebody is heard. Returns whether they were in this time. */
  async hears(/** @type {number} */ ms) {
    for (const end = performance.now() + ms; !this.heard && performance.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
    return this.heard;
  }

  stop() {
    clearInterval(this.#timer);
    this.#context?.close();
    this.#context = null;
    this.#show(0);
  }

  #show(/** @type {number} */ level) {
    if (level > AUDIBLE) this.heard = true;
    this.#bar.style.setProperty('--level', level.toFixed(2));
    this.#bar.setAttribute('aria-valuenow', String(Math.round(level * 100)));
  }
}
