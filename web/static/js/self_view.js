// @ts-check
/** A small picture that can be dragged, or moved with the arrow keys, into any corner. */
import { forward } from './dom.js';

/** @param {HTMLElement} view its corner is `data-corner`: top or bottom, start or end */
export function makeMovable(view) {
  view.dataset.corner ??= 'top-end';
  const side = (/** @type {boolean} */ left) => (left === forward() > 0 ? 'start' : 'end');
  /** @type {{x: number, y: number} | null} */
  let grip = null;

  view.addEventListener('pointerdown', (event) => {
    grip = { x: event.clientX, y: event.clientY };
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener('pointermove', (event) => {
    if (!grip) return;
    view.style.setProperty('translate', `${event.clientX - grip.x}px ${event.clientY - grip.y}px`);
  });
  const drop = (/** @type {PointerEvent} */ event) => {
    if (!grip) return;
    grip = null;
    view.style.removeProperty('translate');
    const vertical = event.clientY < innerHeight / 2 ? 'top' : 'bottom';
    const horizontal = side(event.clientX < innerWidth / 2);
    view.dataset.corner = `${vertical}-${horizontal}`;
  };
  view.addEventListener('pointerup', drop);
  view.addEventListener('pointercancel', drop);
  view.addEventListener('keydown', (event) => {
    const [vertical, horizontal] = (view.dataset.corner ?? '').split('-');
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      view.dataset.corner = `${event.key === 'ArrowUp' ? 'top' : 'bottom'}-${horizontal}`;
    } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      view.dataset.corner = `${vertical}-${side(event.key === 'ArrowLeft')}`;
    } else {
      return;
    }
    event.preventDefault();
  });
}
