// @ts-check
/** Buttons that put a colleague's address into a field of addresses. */
import { byId } from '../dom.js';

export function setUpAddresses() {
  const buttons = document.querySelectorAll('[data-address]');
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (buttons)) {
    button.addEventListener('click', () => {
      const field = byId(button.dataset.into ?? '', HTMLTextAreaElement);
      const lines = field.value.split('\n').map((line) => line.trim()).filter(Boolean);
      const address = button.dataset.address ?? '';
      if (!lines.includes(address)) field.value = [...lines, address].join('\n');
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
  }
}
