// @ts-check
/** The ring's sound: two soft chimes every two seconds, made by Web Audio, no file to load. */

const EVERY_MS = 2000;
const NOTES_HZ = [659.26, 880];
const NOTE_S = 0.45;
const LOUD = 0.35;
/** A hint falls where a ring rises, and is half as loud. */
const HINT_HZ = [659.26, 523.25];

export class RingTone {
  /** @type {AudioContext | null} */
  #context = null;
  #timer = 0;

  /** Call this inside a tap or a key: browsers let a page sound only after one. */
  async unlock() {
    this.#context ??= new AudioContext();
    await this.#context.resume();
  }

  /** Whether a ring would be heard now. */
  get audible() {
    return this.#context?.state === 'running';
  }

  start() {
    this.stop();
    this.#chime();
    this.#timer = setInterval(() => this.#chime(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** Sound once, softly: somebody waits, but nothing rings. */
  hint() {
    this.#chime(HINT_HZ, LOUD / 2);
  }

  #chime(notes = NOTES_HZ, peak = LOUD) {
    const context = this.#context;
    if (!context || !this.audible) return;
    notes.forEach((frequency, index) => {
      const begin = context.currentTime + index * NOTE_S * 0.6;
      const note = new OscillatorNode(context, { type: 'sine', frequency });
      const loudness = new GainNode(context, { gain: 0 });
      loudness.gain.setValueAtTime(0, begin);
      loudness.gain.linearRampToValueAtTime(peak, begin + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.001, begin + NOTE_S);
      note.connect(loudness).connect(context.destination);
      note.start(begin);
      note.stop(begin + NOTE_S);
    });
  }
}
