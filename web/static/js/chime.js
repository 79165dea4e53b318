// @ts-check
/** Two soft tones, made by Web Audio: no file to load. A ring is made of them too. */
import { within } from './time.js';

const NOTES_HZ = [660, 880];
const NOTE_S = 0.27;
const LOUD = 0.08;
/** Who hears it later than this wonders what it was. */
const LATE_MS = 1000;

/** @type {AudioContext | null} */
let context = null;

/** Somebody comes, asks, or listens. Silent as long as the browser wants a tap before any sound. */
export async function chime() {
  try {
    context ??= new AudioContext();
    // Suspended before the first tap on a page that was loaded anew, and by a phone's own call.
    await within(LATE_MS, context.resume());
    sound(context, NOTES_HZ, NOTE_S, LOUD);
  } catch {
    // The page says it in words as well.
  }
}

/**
 * Sound these notes, each rising into the one before.
 *
 * @param {AudioContext} on
 * @param {number[]} notes hertz
 * @param {number} seconds of each
 * @param {number} loud from 0 to 1
 */
export function sound(on, notes, seconds, loud) {
  notes.forEach((frequency, index) => {
    const begin = on.currentTime + index * seconds * 0.6;
    const note = new OscillatorNode(on, { frequency });
    const loudness = new GainNode(on, { gain: 0 });
    loudness.gain.setValueAtTime(0, begin);
    loudness.gain.linearRampToValueAtTime(loud, begin + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, begin + seconds);
    note.connect(loudness).connect(on.destination);
    note.start(begin);
    note.stop(begin + seconds);
  });
}
