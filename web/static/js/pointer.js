// @ts-check
/**
 * The pointer: a tap on the picture marks the same spot of the car on both screens.
 *
 * Positions travel as fractions of the picture itself, not of the element, so that they fit
 * whatever part of the picture `object-fit` leaves visible on either side.
 */
import { clamp } from './clamp.js';

const MARK_MS = 3000;
const KEY_STEP = 0.02;

/**
 * @typedef {'contain' | 'cover'} Fit
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number}} Point
 */

/**
 * Where the whole picture lies in its element, in the element's pixels; with `cover` it reaches
 * beyond the edges.
 *
 * @param {Size} box
 * @param {Size} picture
 * @param {Fit} fit
 */
export function pictureArea(box, picture, fit) {
  const choose = fit === 'cover' ? Math.max : Math.min;
  const scale = choose(box.width / picture.width, box.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return { left: (box.width - width) / 2, top: (box.height - height) / 2, width, height };
}

/**
 * The fraction of the picture at a spot of the element, or null beside the picture.
 *
 * @param {Point} spot in the element's pixels
 * @param {Size} box
 * @param {Size} picture
 * @param {Fit} fit
 * @returns {Point | null}
 */
export function toFraction(spot, box, picture, fit) {
  if (!picture.width || !picture.height) return null;
  const area = pictureArea(box, picture, fit);
  const x = (spot.x - area.left) / area.width;
  const y = (spot.y - area.top) / area.height;
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x, y } : null;
}

/**
 * The spot of the element that shows this fraction of the picture; may lie outside with `cover`.
 *
 * @param {Point} fraction
 * @param {Size} box
 * @param {Size} picture
 * @param {Fit} fit
 * @returns {Point}
 */
export function toSpot(fraction, box, picture, fit) {
  const area = pictureArea(box, picture, fit);
  return { x: area.left + fraction.x * area.width, y: area.top + fraction.y * area.height };
}

/** Listens to taps on a video and draws the marks over it. */
export class Pointer {
  /** Where the keyboard's cross stands, as a fraction; null until it is used. */
  #cross = /** @type {Point | null} */ (null);

  /**
   * @param {HTMLVideoElement} video
   * @param {HTMLElement} layer covers the video exactly, and lets taps through
   * @param {(point: Point) => void} point
   */
  constructor(video, layer, point) {
    this.video = video;
    this.layer = layer;
    this.point = point;
    video.addEventListener('click', (event) => this.#tapped(event));
    video.addEventListener('keydown', (event) => this.#key(event));
    video.addEventListener('blur', () => this.#moveCross(null));
  }

  /** Show a mark for three seconds. @param {import('./wire').Side} by */
  mark(by, /** @type {Point} */ fraction) {
    const mark = document.createElement('span');
    mark.className = `mark mark--${by}`;
    this.#place(mark, fraction);
    this.layer.append(mark);
    setTimeout(() => mark.remove(), MARK_MS);
  }

  #geometry() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const box = { width: this.layer.clientWidth, height: this.layer.clientHeight };
    const fit = getComputedStyle(this.video).objectFit === 'cover' ? 'cover' : 'contain';
    return { box, picture: { width, height }, fit: /** @type {Fit} */ (fit) };
  }

  /** @param {MouseEvent} event */
  #tapped(event) {
    const { box, picture, fit } = this.#geometry();
    const edge = this.layer.getBoundingClientRect();
    const spot = { x: event.clientX - edge.left, y: event.clientY - edge.top };
    const fraction = toFraction(spot, box, picture, fit);
    if (fraction) this.point(fraction);
  }

  /** The same with arrow keys and Enter. @param {KeyboardEvent} event */
  #key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    const cross = this.#cross ?? { x: 0.5, y: 0.5 };
    if (move) {
      const [dx = 0, dy = 0] = move;
      const step = (/** @type {number} */ at, /** @type {number} */ by) => clamp(at + by * KEY_STEP, 0, 1);
      this.#moveCross({ x: step(cross.x, dx), y: step(cross.y, dy) });
    } else if (event.key === 'Enter' && this.#cross) {
      this.point(cross);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {Point | null} fraction */
  #moveCross(fraction) {
    this.#cross = fraction;
    this.layer.querySelector('.cross')?.remove();
    if (!fraction) return;
    const cross = document.createElement('span');
    cross.className = 'cross';
    this.#place(cross, fraction);
    this.layer.append(cross);
  }

  /** @param {HTMLElement} node @param {Point} fraction */
  #place(node, fraction) {
    const { box, picture, fit } = this.#geometry();
    const { x, y } = toSpot(fraction, box, picture.width ? picture : box, fit);
    node.style.setProperty('left', `${x}px`);
    node.style.setProperty('top', `${y}px`);
  }
}
