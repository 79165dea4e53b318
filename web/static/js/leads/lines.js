// @ts-check
/** The lines of a lead's details. */

/** A term and what it says. @param {string} name @param {string} value */
export function fact(name, value) {
  const row = document.createElement('div');
  const term = document.createElement('dt');
  const text = document.createElement('dd');
  term.textContent = name;
  text.textContent = value;
  row.append(term, text);
  return row;
}

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
    item.append(node);
  }
  return item;
}
