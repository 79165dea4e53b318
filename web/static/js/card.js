// @ts-check
/** A vehicle's card: picture, name, price and what it has on board. */
import { part, pictureUrl } from './dom.js';
import { money } from './words.js';

/** Fill the parts that this block has. @param {HTMLElement} root */
export function fillCard(root, /** @type {import('./wire').Card} */ card) {
  const picture = part(root, 'picture', HTMLImageElement);
  picture.src = pictureUrl(card.picture);
  picture.alt = '';
  part(root, 'name').textContent = card.name;
  part(root, 'price').textContent = money(card.price, card.currency);
  const list = root.querySelector('[data-part="equipment"]');
  list?.replaceChildren(...card.equipment.slice(0, 4).map(listItem));
}

/** @param {string} text */
export function listItem(text) {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}
