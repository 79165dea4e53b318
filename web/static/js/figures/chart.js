// @ts-check
/** One column of the table as a line, and what it was before as a dashed one. */
import uPlot from '../../vendor/uPlot.esm.js';
import { clock, locale } from '../words.js';

/** What has an order, and so makes a line. */
export const TIMES = ['hour', 'day', 'week', 'month', 'hour_of_week'];
const HEIGHT = 260;
const STEPS = [1, 2, 4, 7, 14, 24, 28, 48, 96];
const DASHES = [7, 5];
const FACE = '13px "Instrument Sans", system-ui, sans-serif';

/** @typedef {'count' | 'rate' | 'time' | 'mean'} Kind */

/** How an axis writes a figure. @param {Kind} kind */
function writer(kind) {
  const style = kind === 'rate' ? /** @type {const} */ ('percent') : undefined;
  const numbers = new Intl.NumberFormat(locale, { style, maximumFractionDigits: kind === 'mean' ? 1 : 0 });
  return (/** @type {number} */ value) => (kind === 'time' ? clock(value * 1000) : numbers.format(value));
}

/** A cell's number, as the CSV has it. @param {Element | undefined} cell */
function number(cell) {
  const text = cell?.getAttribute('data-value') ?? '';
  return text === '' ? null : Number(text);
}

/** What a series is drawn with: the key beside its name has it from the style sheet. */
function colour(/** @type {Element} */ key) {
  return getComputedStyle(key).borderTopColor;
}

export class Chart {
  /**
   * @param {HTMLElement} place
   * @param {HTMLTableElement} table
   * @param {Kind} kind
   * @param {{row: number, text: string}[]} marks moments within rows, like a television spot
   */
  constructor(place, table, kind, marks = []) {
    this.place = place;
    this.marks = marks;
    this.kind = kind;
    this.rows = Array.from(table.tBodies[0]?.rows ?? []);
    this.column = Number(table.dataset.plot) + 1;
    const heading = table.tHead?.rows[0]?.cells[this.column + 1];
    this.compares = Boolean(heading?.dataset.column?.endsWith('_before'));
    this.said = document.createElement('p');
    this.said.className = 'chart__said';
    this.keys = [this.key(place.dataset.now ?? '', 'now')];
    if (this.compares) this.keys.push(this.key(place.dataset.before ?? '', 'before'));
    place.append(...this.keys, this.said);
    this.draw();
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  /** A line's name, with a piece of it. @param {string} name @param {string} which */
  key(name, which) {
    const key = document.createElement('span');
    key.className = `chart__key chart__key--${which}`;
    key.textContent = name;
    return key;
  }

  size() {
    return { width: this.place.clientWidth, height: HEIGHT };
  }

  /** The numbers of a column, row by row. @param {number} column */
  values(column) {
    return this.rows.map((row) => number(row.cells[column]));
  }

  draw() {
    this.plot?.destroy();
    const write = writer(this.kind);
    const ink = getComputedStyle(this.place).color;
    const grid = { stroke: getComputedStyle(this.place).borderTopColor, width: 1 };
    const axis = { stroke: ink, font: FACE, grid, ticks: grid };
    const [now, before] = this.keys.map(colour);
    /** @type {uPlot.Options} */
    const options = {
      ...this.size(),
      padding: [12, 24, 0, 0],
      legend: { show: false },
      cursor: { drag: { setScale: false, x: false, y: false } },
      scales: { x: { time: false }, y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
      axes: [
        { ...axis, space: 80, incrs: STEPS, values: (_, at) => at.map((n) => this.short(n)) },
        { ...axis, size: 64, values: (_, at) => at.map(write) },
      ],
      series: [{}, { stroke: now, width: 2.5, points: { show: true, size: 6, fill: now } }],
      hooks: {
        setCursor: [(plot) => this.say(plot.cursor.idx)],
        ready: [(plot) => this.listen(plot)],
        draw: [(plot) => this.mark(plot)],
      },
    };
    const data = [this.rows.map((_, n) => n), this.values(this.column)];
    if (this.compares) {
      options.series.push({ stroke: before, width: 2, dash: DASHES, points: { show: false } });
      data.push(this.values(this.column + 1));
    }
    this.plot = new uPlot(options, /** @type {uPlot.AlignedData} */ (data), this.place);
  }

  /** Draw a line where something happened, with a triangle that is seen without colour. @param {uPlot} plot */
  mark(plot) {
    const { ctx, bbox } = plot;
    const size = 6 * devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = getComputedStyle(this.place).color;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const row of new Set(this.marks.map((one) => one.row))) {
      const x = plot.valToPos(row, 'x', true);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top + size);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(x - size, bbox.top);
      ctx.lineTo(x + size, bbox.top);
      ctx.lineTo(x, bbox.top + size * 1.5);
      ctx.fill();
    }
    ctx.restore();
  }

  /** What stands below a point. @param {number} n */
  short(n) {
    return this.rows[n]?.dataset.short ?? '';
  }

  /** Say what is under the pointer, in the table's words. @param {number | null | undefined} n */
  say(n) {
    const row = this.rows[n ?? -1];
    const cell = (/** @type {number} */ column) => row?.cells[column]?.textContent?.trim();
    const before = this.compares ? ` (${this.place.dataset.before}: ${cell(this.column + 1)})` : '';
    const marks = this.marks.filter((one) => one.row === n).map((one) => ` ▼ ${one.text}`);
    this.said.textContent = row ? `${cell(0)}: ${cell(this.column)}${before}${marks.join('')}` : '';
  }

  /** A click on a point goes where its row goes. @param {uPlot} plot */
  listen(plot) {
    plot.over.addEventListener('click', () => {
      const link = this.rows[plot.cursor.idx ?? -1]?.cells[0]?.querySelector('a');
      if (link) location.assign(link.href);
    });
  }
}
