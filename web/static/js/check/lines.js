// @ts-check
/** The lines of a check on the screen. Their places are there from the start, so nothing jumps. */
import { part, say } from '../dom.js';
import { locale, t } from '../words.js';
import { LINES, findingOf, verdictOf } from './findings.js';

/** @typedef {import('./findings.js').Line} Line */

export class Lines {
  #root;

  /** @param {HTMLElement} root holds an element for each line, marked `data-line` */
  constructor(root) {
    this.#root = root;
  }

  /** Say what was found on this line. @param {Line} line @param {string | number | null} value */
  show(line, value) {
    const { mark, key, kbit } = findingOf(line, value);
    this.#put(line, mark, t(key, kbit === undefined ? {} : { figure: speed(kbit) }));
  }

  /** Say that this line is being tried. @param {Line} line */
  runs(line) {
    this.#put(line, 'runs', t('check.runs'));
  }

  /** Ask for something to hear. */
  listens() {
    this.#put('microphone', 'runs', t('check.listens'));
  }

  /** @param {import('./findings.js').LineCheck} check */
  showAll(check) {
    for (const line of LINES) this.show(line, check[line]);
  }

  /** @param {Line} line @param {string} mark @param {string} text */
  #put(line, mark, text) {
    const row = /** @type {HTMLElement} */ (this.#root.querySelector(`[data-line="${line}"]`));
    row.dataset.mark = mark;
    say(part(row, 'text'), text);
  }
}

/** @param {import('./findings.js').LineCheck} check */
export function verdict(check) {
  return t(`check.verdict.${verdictOf(check)}`);
}

/** Above this the measure is too short to be true. */
const FASTEST = 100;

/** A speed as people read it, by the page's language. */
function speed(/** @type {number} */ kbit) {
  const figures = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  if (kbit < 1000) return `${figures.format(kbit)} kbit/s`;
  const mbit = kbit / 1000;
  return mbit > FASTEST ? `${FASTEST}+ Mbit/s` : `${figures.format(mbit)} Mbit/s`;
}

/** A code as people say it: in two groups. */
export function spoken(/** @type {string} */ code) {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}
