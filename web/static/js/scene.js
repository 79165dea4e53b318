// @ts-check
/**
 * Does the advisor walk, or show a detail? By how much the camera's picture changes from one look to
 * the next; a lens that is zoomed in shakes more and means a detail sooner.
 */

const LOOK_MS = 500;
const WIDTH = 32;
const HEIGHT = 18;
/** Mean change of brightness, 0–255: a hand that holds still, and a walk. */
const STILL = 6;
const MOVES = 12;
/** A zoomed picture may change more before it counts as a walk. */
const ZOOMED = 2;
/** Looks in a row: three seconds for a detail, one for a walk. */
const TO_DETAIL = 6;
const TO_MOTION = 2;

/**
 * @typedef {import('./climber.js').Scene} Scene
 * @typedef {{scene: Scene, looks: number}} Watch `looks` in a row that say the other scene
 */

/** @type {Watch} */
export const WALKING = { scene: 'motion', looks: 0 };

/**
 * @param {Watch} watch
 * @param {number} change mean change of brightness since the last look, 0–255
 * @param {boolean} zoomed
 * @returns {Watch}
 */
export function judge({ scene, looks }, change, zoomed) {
  const by = zoomed ? ZOOMED : 1;
  const other = scene === 'motion' ? change < STILL * by : change > MOVES * by;
  const enough = scene === 'motion' ? TO_DETAIL : TO_MOTION;
  if (!other) return { scene, looks: 0 };
  if (looks + 1 < enough) return { scene, looks: looks + 1 };
  return { scene: scene === 'motion' ? 'detail' : 'motion', looks: 0 };
}

/**
 * The mean difference of two pictures in brightness.
 *
 * @param {Uint8ClampedArray} before RGBA
 * @param {Uint8ClampedArray} after RGBA, of the same size
 */
export function changeBetween(before, after) {
  let sum = 0;
  // Green carries most of what an eye calls bright (ITU-R BT.709).
  for (let at = 1; at < after.length; at += 4) sum += Math.abs((after[at] ?? 0) - (before[at] ?? 0));
  return sum / (after.length / 4);
}

/**
 * Look at the own camera's picture, and tell when the scene changed.
 *
 * @param {HTMLVideoElement} video
 * @param {() => boolean} zoomed
 * @param {(scene: Scene) => void} tell
 */
export function watchScene(video, zoomed, tell) {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  let watch = WALKING;
  /** @type {Uint8ClampedArray | null} */
  let last = null;
  setInterval(() => {
    if (!pen || document.hidden || !video.videoWidth || !video.checkVisibility()) {
      last = null;
      return;
    }
    pen.drawImage(video, 0, 0, WIDTH, HEIGHT);
    const now = pen.getImageData(0, 0, WIDTH, HEIGHT).data;
    const next = last ? judge(watch, changeBetween(last, now), zoomed()) : watch;
    if (next.scene !== watch.scene) tell(next.scene);
    watch = next;
    last = now;
  }, LOOK_MS);
}
