// @ts-check
/** The ring's sound: two soft chimes every two seconds. */
import { sound } from '../chime.js';

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
    if (this.#context && this.audible) sound(this.#context, notes, NOTE_S, peak);
  }
}
