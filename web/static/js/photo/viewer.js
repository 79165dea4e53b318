// @ts-check
/** A photo over the whole screen: drawn into with two fingers, and drawn on by both sides. */
import { byId, say, show } from '../dom.js';
import { refusal, t } from '../words.js';
import { drawStrokes } from './board.js';
import { Gestures } from './gestures.js';
import { Scribe } from './scribe.js';
import { areaOf, fractionAt, settled, WHOLE } from './zoom.js';

const STEP = 1.5;

/** @typedef {import('../wire').PhotoCard} PhotoCard */

export class Viewer {
  #dialog = byId('photo-view', HTMLDialogElement);
  #stage = byId('photo-stage');
  #image = byId('photo-image', HTMLImageElement);
  #canvas = byId('photo-ink', HTMLCanvasElement);
  #pen = byId('photo-draw');
  /** @type {PhotoCard | null} */
  #photo = null;
  /** @type {Scribe | null} */
  #scribe = null;
  /** @type {Readonly<import('./zoom.js').View>} */
  #view = WHOLE;
  #painting = 0;
  #writable = false;

  /**
   * @param {import('../signalling.js').Signalling} signalling
   * @param {import('../wire').Side} side
   */
  constructor(signalling, side) {
    this.signalling = signalling;
    this.side = side;
    const gestures = new Gestures(this.#stage, this.#surface());
    byId('photo-in').addEventListener('click', () => gestures.zoom(STEP));
    byId('photo-out').addEventListener('click', () => gestures.zoom(1 / STEP));
    byId('photo-close').addEventListener('click', () => this.#dialog.close());
    byId('photo-undo').addEventListener('click', () => this.#scribe?.undo());
    byId('photo-clear').addEventListener('click', () => this.#scribe?.clear());
    this.#pen.addEventListener('click', () => this.#setDrawing(!this.isDrawing));
    this.#dialog.addEventListener('close', () => this.#closed());
    this.#image.addEventListener('error', () => this.#photo && this.#say(t('photo.not_loaded')));
    new ResizeObserver(() => this.#show(this.#view)).observe(this.#stage);
    signalling.on('drawn', (more) => this.#scribe?.drawn(more));
    signalling.on('undrawn', (gone) => this.#scribe?.undrawn(gone));
    signalling.on('connected', () => this.#photo && this.#look(this.#photo.id));
  }

  /** The id of the photo on the screen, or null. */
  get open() {
    return this.#photo?.id ?? null;
  }

  get isDrawing() {
    return this.#pen.getAttribute('aria-pressed') === 'true';
  }

  /** Put a photo on the screen. @param {PhotoCard} photo @param {number} number of it in this call */
  show(photo, number) {
    if (this.#photo?.id === photo.id) return;
    this.#photo = photo;
    this.#scribe = new Scribe(photo.id, this.side, (event, wish) => this.signalling.send(event, wish), {
      changed: () => this.#paint(),
      full: () => this.#say(t('photo.full')),
    });
    say(byId('photo-title'), t('photo.title', { n: number }));
    this.#say('');
    this.#setDrawing(false);
    this.#load(photo);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#show(WHOLE);
    this.#stage.focus({ preventScroll: true });
    this.#look(photo.id);
  }

  close() {
    if (this.#dialog.open) this.#dialog.close();
  }

  /** Whether this side may draw, and what the other one has before it. */
  follow(/** @type {boolean} */ writable, /** @type {string | null} */ others) {
    this.#writable = writable;
    show(byId('photo-tools'), writable);
    if (!writable) this.#setDrawing(false);
    const other = this.side === 'customer' ? 'advisor' : 'customer';
    const same = writable && others !== null && others === this.open;
    say(byId('photo-others'), same ? t(`photo.looks.${other}`) : '');
    show(byId('photo-others'), same);
  }

  /** @returns {import('./gestures.js').Surface} */
  #surface() {
    const viewer = this;
    return {
      get view() {
        return viewer.#view;
      },
      get drawing() {
        return viewer.isDrawing;
      },
      box: () => this.#box(),
      picture: () => this.#picture(),
      show: (view) => this.#show(view),
      ink: (spot, first) => {
        if (first) this.#scribe?.begin();
        this.#scribe?.move(fractionAt(spot, this.#view, this.#box(), this.#picture()));
      },
      lift: (taken) => this.#scribe?.end(taken),
    };
  }

  #box() {
    return { width: this.#stage.clientWidth, height: this.#stage.clientHeight };
  }

  #picture() {
    return { width: this.#photo?.width ?? 1, height: this.#photo?.height ?? 1 };
  }

  /** The small one is there at once; the whole one takes its place as it comes. */
  #load(/** @type {PhotoCard} */ photo) {
    this.#image.src = photo.picture;
    this.#image.alt = byId('photo-title').textContent ?? '';
    this.#image.style.setProperty('background-image', `url("${photo.small}")`);
  }

  async #look(/** @type {string} */ photo) {
    const scribe = this.#scribe;
    try {
      const { strokes } = await this.signalling.send('look_at_photo', { photo });
      if (scribe === this.#scribe) scribe?.load(strokes);
    } catch (error) {
      const { code } = /** @type {import('../signalling.js').Refused} */ (error);
      // What got no answer is asked again with the next connect.
      if (code !== 'no_answer' && scribe === this.#scribe) this.#say(refusal({ code }));
    }
  }

  #closed() {
    this.#photo = null;
    this.#scribe = null;
    this.#image.removeAttribute('src');
    this.#image.style.removeProperty('background-image');
    if (this.#writable) this.signalling.send('look_at_photo', { photo: null }).catch(() => {});
  }

  #setDrawing(/** @type {boolean} */ drawing) {
    this.#pen.setAttribute('aria-pressed', String(drawing));
    this.#stage.dataset.drawing = String(drawing);
  }

  /** @param {Readonly<import('./zoom.js').View>} view */
  #show(view) {
    if (!this.#photo) return;
    this.#view = settled(view, this.#box(), this.#picture());
    const whole = areaOf(WHOLE, this.#box(), this.#picture());
    const area = areaOf(this.#view, this.#box(), this.#picture());
    const { style } = this.#image;
    style.setProperty('width', `${whole.width}px`);
    style.setProperty('height', `${whole.height}px`);
    style.setProperty('transform', `translate(${area.left}px, ${area.top}px) scale(${this.#view.scale})`);
    byId('photo-out', HTMLButtonElement).disabled = this.#view.scale <= 1;
    this.#paint();
  }

  #paint() {
    cancelAnimationFrame(this.#painting);
    this.#painting = requestAnimationFrame(() => {
      const strokes = this.#scribe?.ink.strokes ?? [];
      drawStrokes(this.#canvas, strokes, areaOf(this.#view, this.#box(), this.#picture()));
      this.#canvas.dataset.strokes = String(strokes.length);
      const own = strokes.some((one) => one.by === this.side);
      byId('photo-undo', HTMLButtonElement).disabled = !own;
      byId('photo-clear', HTMLButtonElement).disabled = strokes.length === 0;
    });
  }

  #say(/** @type {string} */ text) {
    say(byId('photo-word'), text);
    show(byId('photo-word'), Boolean(text));
  }
}
