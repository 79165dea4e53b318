// @ts-check
/** Visits as lists under a heading each: by day, or on a manager's phone by advisor. */
import { copyOf, part, show } from '../dom.js';

/**
 * @typedef {object} Group
 * @property {string | Node} name
 * @property {string} hours
 * @property {import('./agenda').Visit[]} visits
 * @property {boolean} [today]
 */

/**
 * Draw lists into a frame.
 *
 * @param {HTMLElement} frame
 * @param {Group[]} groups
 * @param {(visit: import('./agenda').Visit) => HTMLElement} row
 */
export function drawGroups(frame, groups, row) {
  frame.className = 'groups';
  frame.removeAttribute('tabindex');
  frame.removeAttribute('role');
  frame.removeAttribute('aria-label');
  frame.replaceChildren(
    ...groups.map((group, n) => {
      const node = copyOf('group-template');
      const name = part(node, 'name');
      name.id = `group-${n}`;
      node.setAttribute('aria-labelledby', name.id);
      name.append(group.name);
      if (group.today) node.dataset.today = '';
      part(node, 'hours').textContent = group.hours;
      part(node, 'visits').append(...group.visits.map(row));
      show(part(node, 'visits'), group.visits.length > 0);
      show(part(node, 'none'), group.visits.length === 0);
      return node;
    }),
  );
}
