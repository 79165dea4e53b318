// @ts-check
/**
 * A picture under two fingers: how far it is drawn in, and where it lies. Pure rules.
 *
 * A view is the scale against the picture that just fits, and how far the picture's middle is from
 * the middle of its box, in the box's pixels.
 */
import { clamp } from '../clamp.js';
import { pictureArea } from '../pointer.js';

/** What a small picture can be enlarged to; a large one to two pixels of the screen for each. */
const MOST = 4;
const PIXELS = 2;

/**
 * @typedef {import('../pointer.js').Size} Size
 * @typedef {import('../pointer.js').Point} Point
 * @typedef {{scale: number, x: number, y: number}} View
 */

/** The whole picture. @type {Readonly<View>} */
export const WHOLE = Object.freeze({ scale: 1, x: 0, y: 0 });

/**
 * Where the picture lies in its box.
 *
 * @param {View} view @param {Size} box @param {Size} picture
 */
export function areaOf(view, box, picture) {
  const whole = pictureArea(box, picture, 'contain');
  const width = whole.width * view.scale;
  const height = whole.height * view.scale;
  return {
    left: (box.width - width) / 2 + view.x,
    top: (box.height - height) / 2 + view.y,
    width,
    height,
  };
}

/**
 * The same view, brought back to where the picture fills as much of the box as it can.
 *
 * @param {View} view @param {Size} box @param {Size} picture
 * @returns {View}
 */
export function settled(view, box, picture) {
  const whole = pictureArea(box, picture, 'contain');
  const most = Math.max(MOST, (PIXELS * picture.width) / whole.width || 0);
  const scale = clamp(view.scale, 1, most);
  const room = (/** @type {number} */ side, /** @type {number} */ place) =>
    Math.max(0, (side * scale - place) / 2);
  const across = room(whole.width, box.width);
  const down = room(whole.height, box.height);
  return { scale, x: clamp(view.x, -across, across), y: clamp(view.y, -down, down) };
}

/**
 * Draw in by a factor, with the spot under the finger where it is.
 *
 * @param {View} view @param {number} factor @param {Point} spot @param {Size} box
 * @param {Size} picture
 */
export function zoomed(view, factor, spot, box, picture) {
  const { scale } = settled({ ...view, scale: view.scale * factor }, box, picture);
  const grown = scale / view.scale;
  const from = { x: spot.x - box.width / 2, y: spot.y - box.height / 2 };
  const x = from.x - (from.x - view.x) * grown;
  const y = from.y - (from.y - view.y) * grown;
  return settled({ scale, x, y }, box, picture);
}

/**
 * @param {View} view @param {number} dx @param {number} dy @param {Size} box @param {Size} picture
 */
export function panned(view, dx, dy, box, picture) {
  return settled({ ...view, x: view.x + dx, y: view.y + dy }, box, picture);
}

/**
 * Two fingers moved: what was under each stays under it, as far as the picture reaches.
 *
 * @param {View} view @param {[Point, Point]} before @param {[Point, Point]} after
 * @param {Size} box @param {Size} picture
 */
export function pinched(view, before, after, box, picture) {
  const [from, to] = [middle(before), middle(after)];
  const factor = distance(after) / (distance(before) || 1);
  const moved = panned(view, to.x - from.x, to.y - from.y, box, picture);
  return zoomed(moved, factor, to, box, picture);
}

/**
 * The fraction of the picture at a spot of the box, held within the picture.
 *
 * @param {Point} spot @param {View} view @param {Size} box @param {Size} picture
 * @returns {Point}
 */
export function fractionAt(spot, view, box, picture) {
  const area = areaOf(view, box, picture);
  return {
    x: clamp((spot.x - area.left) / area.width, 0, 1),
    y: clamp((spot.y - area.top) / area.height, 0, 1),
  };
}

/** @param {[Point, Point]} pair */
function middle([a, b]) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** @param {[Point, Point]} pair */
function distance([a, b]) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
