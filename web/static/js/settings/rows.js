// @ts-check
/** A list of small tables, one row each: exceptions by date, campaigns. */
import { copyOf, part, show } from '../dom.js';
import { t } from '../words.js';
import { WRONG, read, write } from './fields.js';

const WEEK_MS = 7 * 24 * 3600 * 1000;
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
let numbered = 0;

/** @typedef {import('./fields.js').Field} Field */

export class Rows {
  /** @param {HTMLElement} root @param {string} path @param {() => void} changed @param {() => void} save */
  constructor(root, path, changed, save) {
    this.root = root;
    this.path = path;
    this.changed = changed;
    this.save = save;
    this.list = part(root, 'rows');
    part(root, 'add').addEventListener('click', () => {
      const row = this.#add({});
      cells(row)[0]?.focus();
      this.changed();
    });
  }

  /** @param {any} value */
  write(value) {
    this.list.replaceChildren();
    for (const one of value ?? []) this.#add(one);
    this.#count();
  }

  /** @returns {any} */
  read() {
    const rows = [...this.list.children].map((row) => readRow(/** @type {HTMLElement} */ (row)));
    return rows.includes(WRONG) ? WRONG : rows;
  }

  /** The first cell that can't be read, marked like the others. */
  wrong() {
    const found = [...this.list.children].flatMap((row) => cells(/** @type {HTMLElement} */ (row)));
    for (const cell of found) cell.setAttribute('aria-invalid', String(isWrong(cell)));
    return found.find(isWrong) ?? null;
  }

  #add(/** @type {Record<string, any>} */ value) {
    const row = copyOf(`${this.path}-template`);
    for (const cell of cells(row)) {
      const name = cell.dataset.cell ?? '';
      cell.id = `${this.path}-${++numbered}`;
      const label = row.querySelector(`[data-for="${name}"]`);
      if (label instanceof HTMLLabelElement) label.htmlFor = cell.id;
      const [table = '', inner] = name.split('.');
      write(cell, kindOf(cell), inner ? value[table]?.[inner] : value[table]);
    }
    const details = row.querySelector('details');
    if (details) details.open = Boolean(value.hours);
    part(row, 'remove').addEventListener('click', () => {
      row.remove();
      this.#count();
      this.changed();
      part(this.root, 'add').focus();
    });
    const extend = row.querySelector('[data-part="extend"]');
    if (extend instanceof HTMLElement) extend.addEventListener('click', () => this.#extend(row));
    this.list.append(row);
    this.#count();
    return row;
  }

  /** Move a campaign's end by a week, and keep it so. */
  #extend(/** @type {HTMLElement} */ row) {
    const last = row.querySelector('[data-cell="last"]');
    if (!(last instanceof HTMLInputElement) || !last.value) return;
    last.value = new Date(Date.parse(last.value) + WEEK_MS).toISOString().slice(0, 10);
    this.changed();
    this.save();
  }

  #count() {
    show(part(this.root, 'none'), this.list.children.length === 0);
    [...this.list.children].forEach((row, n) => {
      const name = row.querySelector('[data-part="remove"]');
      name?.setAttribute('aria-label', t('settings.remove.one', { n: n + 1 }));
    });
  }
}

function cells(/** @type {HTMLElement} */ row) {
  return /** @type {Field[]} */ ([...row.querySelectorAll('[data-cell]')]);
}

function kindOf(/** @type {Field} */ cell) {
  return cell.dataset.kind ?? 'line';
}

function isWrong(/** @type {Field} */ cell) {
  if (read(cell, kindOf(cell)) === WRONG) return true;
  if (cell.dataset.cell !== 'last') return false;
  const first = cell.closest('[data-row]')?.querySelector('[data-cell="first"]');
  return first instanceof HTMLInputElement && first.value > cell.value;
}

/** A row's table, without what it has not. @returns {any} */
function readRow(/** @type {HTMLElement} */ row) {
  /** @type {Record<string, any>} */
  const table = {};
  /** @type {Record<string, any>} */
  const hours = {};
  for (const cell of cells(row)) {
    const value = read(cell, kindOf(cell));
    if (isWrong(cell)) return WRONG;
    const [name = '', day] = (cell.dataset.cell ?? '').split('.');
    if (day) hours[day] = value;
    else if (name === 'hours' || (value !== '' && value.length !== 0)) table[name] = value;
  }
  if (DAYS.some((day) => hours[day]?.length)) table.hours = hours;
  if (!('cost' in table)) delete table.currency;
  return table;
}
