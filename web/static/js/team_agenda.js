// @ts-check
/** The manager's agenda: all advisors side by side, and visits that are given from one to another. */
import { Board } from './agenda/board.js';
import { Drag } from './agenda/drag.js';
import { Giving, movable } from './agenda/give.js';
import { drawGrid, scrollToStart } from './agenda/grid.js';
import { drawGroups } from './agenda/groups.js';
import { RosterSheet } from './agenda/roster.js';
import { VisitSheet } from './agenda/sheet.js';
import { Slips } from './agenda/slips.js';
import { fullDate, hoursOf } from './agenda/words.js';
import { byId, dataBlock, say, show } from './dom.js';
import { setUpShowrooms } from './showrooms.js';
import { t } from './words.js';

/** @typedef {import('./agenda/agenda').Days} Days */
/** @typedef {import('./agenda/agenda').Visit} Visit */
/** @typedef {import('./agenda/axis.js').Day} Day */

const PHONE = matchMedia('(max-width: 47.99rem)');

/** @type {import('./agenda/agenda').Config} */
const config = dataBlock('config');
setUpShowrooms(config);
const sheet = new VisitSheet(config);
const giving = new Giving(config, () => {
  sheet.dialog.close();
  board.load();
});
const slips = new Slips(config, (visit) => {
  sheet.open(visit, slips.now);
  giving.offer(visit);
});
const roster = new RosterSheet(config, () => board.load());
const board = new Board(config, 'day', (days, view, anew) => {
  slips.now = days.now;
  board.frame.dataset.shows = view;
  if (view === 'week') drawWeek(days);
  else if (PHONE.matches) drawTeam(days);
  else drawColumns(days, anew);
  const open = days.visits.find((visit) => visit.id === sheet.visit?.id);
  if (open) sheet.fill(open, days.now);
  sayEmpty(days);
});
PHONE.addEventListener('change', () => board.again());

new Drag(board.frame, {
  may: (key) => board.view === 'day' && Boolean(find(key) && movable(/** @type {Visit} */ (find(key)))),
  lifted: showWhoCan,
  dropped: giveTo,
  ended: () => {
    board.held = false;
    board.load();
  },
});

const find = (/** @type {string} */ key) => board.seen?.visits.find((visit) => visit.id === key);

/** The advisors, and after them whoever else had a visit: colleagues who have left, or nobody. */
function people(/** @type {Days} */ days) {
  const team = days.advisors.map((shift) => ({ id: shift.id, name: shift.name, shift }));
  const known = new Set(team.map((one) => one.id));
  const others = new Map(
    days.visits
      .filter((visit) => !known.has(visit.advisor ?? '') && visit.state !== 'cancelled')
      .map((visit) => [visit.advisor ?? '', visit.advisor_name ?? t('agenda.nobody')]),
  );
  return [...team, ...[...others].map(([id, name]) => ({ id, name, shift: undefined }))];
}

const visitsOf = (/** @type {Days} */ days, /** @type {string} */ id) =>
  days.visits.filter((visit) => (visit.advisor ?? '') === id);

function drawColumns(/** @type {Days} */ days, /** @type {boolean} */ anew) {
  const [day] = days.days;
  if (!day) return;
  const columns = people(days).map(({ id, name, shift }) => ({
    name: shift ? rosterButton(id, name) : name,
    advisor: id,
    day,
    shift,
    visits: visitsOf(days, id),
    today: day.date === days.today,
  }));
  const more = { now: days.now, zone: config.zone, slips, label: t('agenda.team.headline') };
  const axis = drawGrid(board.frame, columns, more);
  if (anew) scrollToStart(board.frame, columns, axis, days.now);
}

function drawTeam(/** @type {Days} */ days) {
  const [day] = days.days;
  if (!day) return;
  const groups = people(days).map(({ id, name, shift }) => ({
    name: shift ? rosterButton(id, name) : name,
    hours: shift ? awayOr(shift, hoursOf(shift, day, config.zone), day) : '',
    visits: visitsOf(days, id),
  }));
  drawGroups(board.frame, groups, (visit) => slips.row(visit));
}

function drawWeek(/** @type {Days} */ days) {
  const names = new Map(people(days).map((one) => [one.id, one.name]));
  const groups = days.days.map((day) => ({
    name: fullDate(day.date),
    hours: '',
    visits: days.visits.filter((one) => one.starts_at < day.until && one.ends_at > day.from),
    today: day.date === days.today,
  }));
  drawGroups(board.frame, groups, (visit) => slips.row(visit, names.get(visit.advisor ?? '')));
}

/** An advisor's hours in a list, which draws no absence. */
function awayOr(
  /** @type {import('./agenda/agenda').Shift} */ shift,
  /** @type {string} */ hours,
  /** @type {Day} */ day,
) {
  const away = shift.away.find((one) => one.from < day.until && one.until > day.from);
  return away ? [hours, t('agenda.away'), away.reason].filter(Boolean).join(' · ') : hours;
}

/** An advisor's name: a tap opens their hours and absences. */
function rosterButton(/** @type {string} */ id, /** @type {string} */ name) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'link';
  button.dataset.key = `advisor ${id}`;
  button.textContent = name;
  button.setAttribute('aria-haspopup', 'dialog');
  const base = `${config.base}/advisors/${encodeURIComponent(id)}`;
  button.addEventListener('click', () =>
    roster.open(base, board.day, t('agenda.roster.of', { name })),
  );
  return button;
}

/** While a slip is carried, the columns say who could take it. */
async function showWhoCan(/** @type {string} */ key, /** @type {HTMLElement[]} */ columns) {
  board.held = true;
  for (const node of document.querySelectorAll('.refused')) node.remove();
  const visit = find(key);
  const takers = visit ? await giving.takers(visit) : [];
  if (!board.held) return;
  for (const column of columns) {
    const taker = takers.find((one) => one.id === column.dataset.advisor);
    if (taker && 'carrying' in board.frame.dataset) {
      column.dataset.fits = taker.obstacle ? 'no' : 'yes';
    }
  }
}

/** Give a visit to the advisor of a column; what is in the way is said there. */
async function giveTo(
  /** @type {string} */ key,
  /** @type {HTMLElement} */ column,
  /** @type {HTMLElement} */ item,
) {
  const visit = find(key);
  const to = column.dataset.advisor ?? '';
  const name = board.seen?.advisors.find((one) => one.id === to)?.name;
  if (!visit || !name) return false;
  const problem = await giving.give(visit, to, name);
  if (!problem) return true;
  const note = document.createElement('p');
  note.className = 'refused';
  note.setAttribute('role', 'alert');
  note.textContent = problem;
  note.style.setProperty('--from', item.style.getPropertyValue('--from'));
  column.querySelector('.column__body')?.append(note);
  return false;
}

function sayEmpty(/** @type {Days} */ days) {
  const nobody = days.advisors.length === 0;
  show(byId('empty'), nobody || days.visits.every((visit) => visit.state === 'cancelled'));
  const what = nobody ? 'agenda.team.nobody' : 'agenda.team.empty';
  say(byId('empty-text'), t(what));
}
