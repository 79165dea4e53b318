// @ts-check
/** The lines of a lead's details. */

/** One event of the history. @param {string} at @param {string} what @param {string} told */
export function line(at, what, told) {
  const item = document.createElement('li');
  item.className = 'history__event';
  for (const [tag, text, name] of [
    ['time', at, 'history__at'],
    ['span', what, ''],
    ['q', told, 'history__told'],
  ]) {
    if (!text || !tag) continue;
    const node = document.createElement(tag);
    node.className = name ?? '';
    node.textContent = text;
    if (tag === 'q') node.dir = 'auto';
    item.append(node);
  }
  return item;
}
