// @ts-check
/** Two soft tones: somebody comes, asks, or listens. A call's page may sound without another tap. */

const TONES = [660, 880];
const SECONDS = 0.16;
const LOUDNESS = 0.08;

/** @type {AudioContext | null} */
let context = null;

export function chime() {
  context ??= new AudioContext();
  const start = context.currentTime;
  TONES.forEach((frequency, index) => tone(/** @type {AudioContext} */ (context), frequency, start + index * SECONDS));
}

/** @param {AudioContext} context @param {number} frequency hertz @param {number} at seconds */
function tone(context, frequency, at) {
  const source = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setTargetAtTime(LOUDNESS, at, 0.01);
  gain.gain.setTargetAtTime(0, at + SECONDS * 0.6, 0.03);
  source.connect(gain).connect(context.destination);
  source.start(at);
  source.stop(at + SECONDS * 2);
}
