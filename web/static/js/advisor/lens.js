// @ts-check
/** Torch and zoom, where the camera has them. */
import { byId, show, toggle } from '../dom.js';
import { t } from '../words.js';

export class Lens {
  #torch = byId('torch');
  #zoom = byId('zoom', HTMLInputElement);

  /** @param {import('../capture.js').Capture} capture */
  constructor(capture) {
    this.capture = capture;
    this.#torch.addEventListener('click', () => this.#set({ torch: !capture.lens.lit }));
    this.#zoom.addEventListener('input', () => this.#set({ zoom: Number(this.#zoom.value) }));
  }

  /** Whether the picture is drawn near, which one does for a detail. */
  get zoomed() {
    const { zoom } = this.capture.lens;
    return zoom !== null && zoom.now > 1.5 * zoom.min;
  }

  /** Show what the present camera can do. */
  show() {
    const { torch, lit, zoom } = this.capture.lens;
    show(byId('lens'), torch || zoom !== null);
    show(this.#torch, torch);
    toggle(this.#torch, lit, t(`advisor.live.torch${lit ? '_off' : ''}`));
    show(byId('zoom-label'), zoom !== null);
    if (!zoom) return;
    const bounds = { min: String(zoom.min), max: String(zoom.max), step: String(zoom.step || 0.1) };
    const { min, max, step } = this.#zoom;
    const same = min === bounds.min && max === bounds.max && step === bounds.step;
    Object.assign(this.#zoom, bounds);
    // The camera follows the finger, not the finger the camera; another camera has its own say.
    if (same && document.activeElement === this.#zoom) return;
    this.#zoom.value = zoom.now ?? zoom.min;
  }

  async #set(/** @type {{torch: boolean} | {zoom: number}} */ setting) {
    try {
      await this.capture.setLens(setting);
    } catch {
      // A camera that offers it and then refuses: the picture matters more than the light.
      this.show();
    }
  }
}
