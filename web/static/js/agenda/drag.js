// @ts-check
/**
 * Carrying a slip to another column with a mouse or a pen. Fingers scroll: they open the sheet, and
 * so do keys, where the same can be done.
 */

/** So far a pointer moves before it carries something; less is a click. */
const SLACK_PX = 6;
/** Within this distance of the edge the frame moves along, so much at a time. */
const EDGE_PX = 48;
const ALONG_PX = 14;

/**
 * @typedef {object} Carrying
 * @property {(key: string) => boolean} may whether this slip can be carried
 * @property {(key: string, columns: HTMLElement[]) => void} lifted
 * @property {(key: string, to: HTMLElement, slip: HTMLElement) => Promise<boolean>} dropped
 *   on another column; false when it must go back
 * @property {() => void} ended it lies somewhere again
 */

export class Drag {
  /** @type {{slip: HTMLElement, item: HTMLElement, key: string, x: number, scroll: number, id: number, lifted: boolean} | null} */
  #held = null;
  #over = /** @type {HTMLElement | null} */ (null);
  #clicks = true;

  /** @param {HTMLElement} frame @param {Carrying} carrying */
  constructor(frame, carrying) {
    this.frame = frame;
    this.carrying = carrying;
    frame.addEventListener('pointerdown', (event) => this.#down(event));
    frame.addEventListener('pointermove', (event) => this.#move(event));
    frame.addEventListener('pointerup', () => this.#up());
    frame.addEventListener('pointercancel', () => this.#cancel());
    frame.addEventListener('lostpointercapture', () => this.#cancel());
    document.addEventListener('keydown', (event) => event.key === 'Escape' && this.#cancel());
    // What was carried is no click on it.
    const swallow = (/** @type {Event} */ event) => {
      if (!this.#clicks) event.stopPropagation();
    };
    frame.addEventListener('click', swallow, { capture: true });
  }

  get #columns() {
    return /** @type {HTMLElement[]} */ ([...this.frame.querySelectorAll('.column')]);
  }

  #down(/** @type {PointerEvent} */ event) {
    this.#clicks = true;
    if (event.pointerType === 'touch' || event.button !== 0 || this.#held) return;
    const slip = event.target instanceof Element ? event.target.closest('.slip') : null;
    if (!(slip instanceof HTMLElement) || !slip.parentElement) return;
    const key = slip.dataset.key ?? '';
    if (!this.carrying.may(key)) return;
    this.#held = {
      slip,
      item: slip.parentElement,
      key,
      x: event.clientX,
      scroll: this.frame.scrollLeft,
      id: event.pointerId,
      lifted: false,
    };
  }

  #move(/** @type {PointerEvent} */ event) {
    const held = this.#held;
    if (!held || event.pointerId !== held.id) return;
    if (!held.item.isConnected) {
      this.#held = null; // drawn anew since the button went down
      return;
    }
    const across = event.clientX - held.x;
    if (!held.lifted) {
      if (Math.abs(across) < SLACK_PX) return;
      held.lifted = true;
      this.#clicks = false;
      this.frame.setPointerCapture(held.id);
      this.frame.dataset.carrying = '';
      held.item.dataset.carried = '';
      this.carrying.lifted(held.key, this.#columns);
    }
    const box = this.frame.getBoundingClientRect();
    if (event.clientX > box.right - EDGE_PX) this.frame.scrollLeft += ALONG_PX;
    if (event.clientX < box.left + EDGE_PX) this.frame.scrollLeft -= ALONG_PX;
    held.item.style.translate = `${across + this.frame.scrollLeft - held.scroll}px 0`;
    this.#hover(this.#columns.find((column) => isOver(column, event.clientX)) ?? null);
  }

  #hover(/** @type {HTMLElement | null} */ column) {
    if (this.#over === column) return;
    this.#over?.removeAttribute('data-over');
    this.#over = column;
    if (column) column.dataset.over = '';
  }

  async #up() {
    const held = this.#held;
    const to = this.#over;
    this.#held = null;
    if (!held?.lifted) return;
    const from = held.item.closest('.column');
    this.#land();
    if (!to || to === from) return this.#back(held.item);
    // It lies where it was dropped until the server has said whether it may.
    const across = to.offsetLeft - /** @type {HTMLElement} */ (from).offsetLeft;
    held.item.style.translate = `${across}px 0`;
    held.slip.setAttribute('aria-busy', 'true');
    const stays = await this.carrying.dropped(held.key, to, held.item);
    held.slip.removeAttribute('aria-busy');
    if (!stays) this.#back(held.item);
    else this.carrying.ended();
  }

  #cancel() {
    const held = this.#held;
    this.#held = null;
    if (!held?.lifted) return;
    this.#land();
    this.#back(held.item);
  }

  #land() {
    this.#hover(null);
    delete this.frame.dataset.carrying;
    for (const column of this.#columns) delete column.dataset.fits;
  }

  #back(/** @type {HTMLElement} */ item) {
    delete item.dataset.carried;
    item.style.translate = '';
    this.carrying.ended();
  }
}

function isOver(/** @type {HTMLElement} */ column, /** @type {number} */ x) {
  const { left, right } = column.getBoundingClientRect();
  return left <= x && x < right;
}
