// @ts-check
/** Columns over the hours of the showroom's clock: the days of an advisor, or the advisors of a day. */
import { copyOf, forward, part } from '../dom.js';
import { t } from '../words.js';
import { Axis, inLanes } from './axis.js';
import { hoursOf, timeSpan } from './words.js';

/** @typedef {import('./agenda').Visit} Visit */
/** @typedef {import('./agenda').Shift} Shift */
/** @typedef {import('./axis.js').Day} Day */
/** @typedef {import('./axis.js').Span} Span */
/**
 * @typedef {object} Column
 * @property {string | Node} name what stands above it
 * @property {string} advisor
 * @property {Day} day
 * @property {Shift | undefined} shift
 * @property {Visit[]} visits
 * @property {boolean} today
 */

const MORNING = 8;
/** What takes nobody's time any more has no place among what does. */
const GONE = new Set(['cancelled']);

/**
 * Draw columns into a frame that scrolls.
 *
 * @param {HTMLElement} frame
 * @param {Column[]} columns
 * @param {{now: number, zone: string, slips: import('./slips.js').Slips, label: string}} more
 */
export function drawGrid(frame, columns, { now, zone, slips, label }) {
  const axis = new Axis(
    columns.map((column) => column.day),
    columns.flatMap(spansOf),
  );
  const plan = document.createElement('div');
  plan.className = 'plan';
  plan.style.setProperty('--columns', String(columns.length));
  plan.style.setProperty('--rows', String(axis.rows.length));
  plan.append(
    hoursColumn(axis),
    ...columns.map((column, n) => columnNode(column, n, axis, now, zone, slips)),
  );
  frame.className = 'plan-frame';
  frame.tabIndex = 0;
  frame.setAttribute('role', 'region');
  frame.setAttribute('aria-label', label);
  frame.replaceChildren(plan);
  return axis;
}

/** Bring what matters into sight: this hour, else the first visit, else where the work begins. */
export function scrollToStart(
  /** @type {HTMLElement} */ frame,
  /** @type {Column[]} */ columns,
  /** @type {Axis} */ axis,
  /** @type {number} */ now,
) {
  const rowsOf = (/** @type {(column: Column) => Span[]} */ spans) =>
    columns.flatMap((column) =>
      spans(column).map((span) => axis.stretch(column.day, ...span)?.from ?? Infinity),
    );
  const todays = columns.find((column) => column.today);
  const row = [
    todays ? (axis.stretch(todays.day, now, now + 1)?.from ?? Infinity) - 1 : Infinity,
    Math.min(...rowsOf((column) => column.visits.map(timeOfVisit))) - 0.5,
    // Who works around the clock is looked for in the morning.
    Math.min(...rowsOf((column) => column.shift?.working ?? []).filter((from) => from > 0)),
    axis.rows.findIndex((one) => one.hour === MORNING),
  ].find(Number.isFinite);
  const height = frame.querySelector('.column__body')?.clientHeight ?? 0;
  frame.scrollTop = ((row ?? 0) / axis.rows.length) * height;
  const column = columns.length > 1 ? frame.querySelector('.own [data-today]') : null;
  frame.scrollLeft = 0;
  if (!column) return;
  const [around, own] = [frame.getBoundingClientRect(), column.getBoundingClientRect()];
  const ahead = forward() > 0 ? own.left - around.left : around.right - own.right;
  frame.scrollLeft = forward() * (ahead - frame.clientWidth / 3);
}

/** @returns {Span[]} */
function spansOf(/** @type {Column} */ { visits, shift }) {
  const away = (shift?.away ?? []).filter((one) => one.until - one.from < 12 * 3_600_000);
  return [
    ...visits.filter((visit) => !GONE.has(visit.state)).map(timeOfVisit),
    ...(shift?.working ?? []),
    ...(shift?.elsewhere ?? []),
    .../** @type {Span[]} */ (away.map((one) => [one.from, one.until])),
  ];
}

/** @returns {Span} */
function timeOfVisit(/** @type {Visit} */ visit) {
  return [visit.starts_at, visit.ends_at];
}

function hoursColumn(/** @type {Axis} */ axis) {
  const node = document.createElement('div');
  node.className = 'plan__hours';
  node.setAttribute('aria-hidden', 'true');
  axis.rows.forEach(({ hour, again }, row) => {
    const label = document.createElement('span');
    label.className = 'plan__hour';
    label.style.setProperty('--from', String(row));
    label.textContent = `${String(hour).padStart(2, '0')}:00`;
    if (again) label.dataset.again = '';
    node.append(label);
  });
  return node;
}

/**
 * @param {Column} column
 * @param {number} n
 * @param {Axis} axis
 * @param {number} now
 * @param {string} zone
 * @param {import('./slips.js').Slips} slips
 */
function columnNode(column, n, axis, now, zone, slips) {
  const { day, shift, visits } = column;
  const node = copyOf('column-template');
  node.dataset.advisor = column.advisor;
  if (column.today) node.dataset.today = '';
  const name = part(node, 'name');
  name.id = `column-${n}`;
  node.setAttribute('aria-labelledby', name.id);
  name.append(column.name);
  part(node, 'hours').textContent = shift ? hoursOf(shift, day, zone) : '';
  const ground = [
    ...(shift?.working ?? []).map((span) => block('open', axis.stretch(day, ...span))),
    ...(shift?.elsewhere ?? []).map((span) =>
      block('elsewhere', axis.stretch(day, ...span), t('agenda.elsewhere')),
    ),
    ...(shift?.away ?? []).map((one) => {
      const said = [t('agenda.away'), one.reason].filter(Boolean).join(': ');
      return block('away', axis.stretch(day, one.from, one.until), said);
    }),
    ...axis.gaps(day).map((row) => block('gap', { from: row, until: row + 1 })),
  ];
  if (column.today) ground.push(block('now', axis.stretch(day, now, now + 60_000)));
  part(node, 'body').prepend(...ground.filter((one) => one !== null));
  part(node, 'visits').append(...visitNodes(column, visits, axis, slips, zone));
  return node;
}

/**
 * @param {Column} column
 * @param {Visit[]} visits
 * @param {Axis} axis
 * @param {import('./slips.js').Slips} slips
 * @param {string} zone
 */
function visitNodes(column, visits, axis, slips, zone) {
  const shown = visits.filter((visit) => !GONE.has(visit.state));
  return inLanes(shown).flatMap(({ visit, lane, lanes }) => {
    const stretch = axis.stretch(column.day, ...timeOfVisit(visit));
    if (!stretch) return [];
    const item = slips.slip(visit);
    place(item, stretch);
    item.style.setProperty('--lane', String(lane));
    item.style.setProperty('--lanes', String(lanes));
    item.title = `${timeSpan(visit.starts_at, visit.ends_at, zone)} ${visit.name}`;
    return [item];
  });
}

/** A part of a column's ground; nothing where none of it is in sight. */
function block(
  /** @type {string} */ kind,
  /** @type {import('./axis.js').Stretch | null} */ stretch,
  text = '',
) {
  if (!stretch) return null;
  const node = document.createElement('div');
  node.className = `ground ground--${kind}`;
  if (text) node.append(Object.assign(document.createElement('span'), { textContent: text }));
  else node.setAttribute('aria-hidden', 'true');
  place(node, stretch);
  return node;
}

/** @param {HTMLElement} node @param {import('./axis.js').Stretch} stretch */
function place(node, { from, until }) {
  node.style.setProperty('--from', String(from));
  node.style.setProperty('--until', String(until));
}
