// @ts-check
/**
 * Fingers, mouse and keys on a photo: two fingers pinch, one moves it or draws, a wheel and a double
 * tap draw it in, and so do the keys.
 */
import { panned, pinched, zoomed, WHOLE } from './zoom.js';

const TAP_MS = 300;
const TAP_PIXELS = 24;
const TAP_FACTOR = 2.5;
const KEY_FACTOR = 1.5;
const KEY_PIXELS = 60;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @typedef {import('./zoom.js').Point} Point
 * @typedef {object} Surface what the gestures work on
 * @property {Readonly<import('./zoom.js').View>} view
 * @property {() => import('./zoom.js').Size} box
 * @property {() => import('./zoom.js').Size} picture
 * @property {boolean} drawing whether one finger draws
 * @property {(view: Readonly<import('./zoom.js').View>) => void} show
 * @property {(spot: Point, first: boolean) => void} ink one finger draws on
 * @property {(taken: boolean) => void} lift it ends; `taken` is false when a second finger came
 */

export class Gestures {
  /** @type {Map<number, Point>} */
  #fingers = new Map();
  #inking = false;
  #tapped = { at: 0, x: 0, y: 0 };
  #moved = false;

  /** @param {HTMLElement} stage @param {Surface} surface */
  constructor(stage, surface) {
    this.stage = stage;
    this.surface = surface;
    stage.addEventListener('pointerdown', (event) => this.#down(event));
    stage.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) {
      stage.addEventListener(end, (event) => this.#up(event));
    }
    stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    stage.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Draw in or out, around the middle. @param {number} factor */
  zoom(factor) {
    const { width, height } = this.surface.box();
    this.#zoomAt(factor, { x: width / 2, y: height / 2 });
  }

  /** @param {PointerEvent | WheelEvent} event */
  #spot(event) {
    const edge = this.stage.getBoundingClientRect();
    return { x: event.clientX - edge.left, y: event.clientY - edge.top };
  }

  #down(/** @type {PointerEvent} */ event) {
    if (event.button !== 0 || this.#fingers.size === 2) return;
    this.stage.setPointerCapture(event.pointerId);
    const spot = this.#spot(event);
    this.#fingers.set(event.pointerId, spot);
    this.#moved = false;
    if (this.#fingers.size === 2) return this.#stopInk(false);
    if (!this.surface.drawing) return;
    this.#inking = true;
    this.surface.ink(spot, true);
  }

  #move(/** @type {PointerEvent} */ event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const spot = this.#spot(event);
    this.#moved ||= Math.hypot(spot.x - before.x, spot.y - before.y) > 2;
    const pair = Array.from(this.#fingers.values());
    this.#fingers.set(event.pointerId, spot);
    const { surface } = this;
    if (this.#fingers.size === 2) {
      const now = Array.from(this.#fingers.values());
      surface.show(pinched(surface.view, two(pair), two(now), surface.box(), surface.picture()));
    } else if (this.#inking) {
      surface.ink(spot, false);
    } else if (!surface.drawing) {
      const [dx, dy] = [spot.x - before.x, spot.y - before.y];
      surface.show(panned(surface.view, dx, dy, surface.box(), surface.picture()));
    }
  }

  #up(/** @type {PointerEvent} */ event) {
    const spot = this.#fingers.get(event.pointerId);
    if (!spot) return;
    this.#fingers.delete(event.pointerId);
    if (this.#inking) this.#stopInk(true);
    else if (!this.#moved && !this.surface.drawing && event.type === 'pointerup') this.#tap(spot);
  }

  #stopInk(/** @type {boolean} */ taken) {
    if (this.#inking) this.surface.lift(taken);
    this.#inking = false;
  }

  /** The second of two taps draws in, or back out. */
  #tap(/** @type {Point} */ spot) {
    const last = this.#tapped;
    const near = Math.hypot(spot.x - last.x, spot.y - last.y) < TAP_PIXELS;
    const twice = performance.now() - last.at < TAP_MS && near;
    this.#tapped = twice ? { at: 0, x: 0, y: 0 } : { at: performance.now(), ...spot };
    if (!twice) return;
    if (this.surface.view.scale > 1) this.surface.show(WHOLE);
    else this.#zoomAt(TAP_FACTOR, spot);
  }

  #wheel(/** @type {WheelEvent} */ event) {
    event.preventDefault();
    // A trackpad's pinch comes as small steps with the control key; lines count as 16 pixels.
    const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
    this.#zoomAt(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), this.#spot(event));
  }

  #key(/** @type {KeyboardEvent} */ event) {
    const arrow = ARROWS[event.key];
    const { surface } = this;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '+' || event.key === '=') this.zoom(KEY_FACTOR);
    else if (event.key === '-') this.zoom(1 / KEY_FACTOR);
    else if (event.key === '0') surface.show(WHOLE);
    else if (arrow) {
      const [dx, dy] = [arrow[0] * KEY_PIXELS, arrow[1] * KEY_PIXELS];
      surface.show(panned(surface.view, dx, dy, surface.box(), surface.picture()));
    } else return;
    event.preventDefault();
  }

  #zoomAt(/** @type {number} */ factor, /** @type {Point} */ spot) {
    const { surface } = this;
    surface.show(zoomed(surface.view, factor, spot, surface.box(), surface.picture()));
  }
}

/** @param {Point[]} points @returns {[Point, Point]} */
function two([a, b]) {
  return [a ?? { x: 0, y: 0 }, b ?? { x: 0, y: 0 }];
}
