// @ts-check
/** The photos of a call: the last one is at hand on the screen, each can be opened. */
import { byId, show } from '../dom.js';
import { t } from '../words.js';
import { Viewer } from './viewer.js';

const TALKS = new Set(['connecting', 'live']);

/** @typedef {import('../wire').PhotoCard} PhotoCard */

export class Album {
  /** @type {Map<string, PhotoCard>} in the order of taking */
  #photos = new Map();
  #call = '';
  /** What was drawn can be seen after the call, and changes no more. */
  #talks = false;
  /** What the other side has before it. @type {string | null} */
  #others = null;
  #last = byId('photo-last', HTMLButtonElement);

  /**
   * @param {import('../signalling.js').Signalling} signalling
   * @param {import('../wire').Side} side
   */
  constructor(signalling, side) {
    this.side = side;
    this.viewer = new Viewer(signalling, side);
    this.#last.addEventListener('click', () => this.open(Array.from(this.#photos.keys()).at(-1) ?? ''));
    signalling.on('logged', ({ entry }) => this.#add(entry.photo));
  }

  /** Bring the photos in line with the call; what was open before a reload is opened again. */
  follow(/** @type {import('../wire').Call} */ call) {
    const isNew = call.call !== this.#call;
    if (isNew) {
      this.viewer.close();
      this.#photos.clear();
      this.#call = call.call;
    }
    for (const entry of call.log) this.#add(entry.photo);
    show(this.#last, this.#photos.size > 0);
    const { customer, advisor } = call.open_photos;
    const [own, others] = this.side === 'customer' ? [customer, advisor] : [advisor, customer];
    this.#talks = TALKS.has(call.state);
    this.#others = others;
    this.viewer.follow(this.#talks, others);
    if (isNew && own && this.#talks) this.open(own);
  }

  /** @param {string} id */
  open(id) {
    const photo = this.#photos.get(id);
    if (!photo) return;
    this.viewer.show(photo, this.numberOf(id));
    this.viewer.follow(this.#talks, this.#others);
  }

  /** Which of the call's photos it is, from 1. @param {string} id */
  numberOf(id) {
    return Array.from(this.#photos.keys()).indexOf(id) + 1;
  }

  /** No call is shown any more. */
  leave() {
    this.viewer.close();
    show(this.#last, false);
    this.#call = '';
    this.#photos.clear();
  }

  #add(/** @type {PhotoCard | null} */ photo) {
    if (!photo || this.#photos.has(photo.id)) return;
    this.#photos.set(photo.id, photo);
    const picture = byId('photo-last-picture', HTMLImageElement);
    picture.src = photo.small;
    this.#last.setAttribute('aria-label', t('photo.open', { n: this.#photos.size }));
    show(this.#last, true);
  }
}
