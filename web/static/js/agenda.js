// @ts-check
/** An advisor's agenda: their days with hours and absences, each visit a tap away. */
import { Board } from './agenda/board.js';
import { FeedSheet } from './agenda/feed.js';
import { drawGrid, scrollToStart } from './agenda/grid.js';
import { drawGroups } from './agenda/groups.js';
import { RosterSheet } from './agenda/roster.js';
import { VisitSheet } from './agenda/sheet.js';
import { Slips } from './agenda/slips.js';
import { fullDate, hoursOf, shortDate } from './agenda/words.js';
import { byId, dataBlock, say, show } from './dom.js';
import { setUpShowrooms } from './showrooms.js';
import { t } from './words.js';

/** @typedef {import('./agenda/agenda').Days} Days */
/** @typedef {import('./agenda/axis.js').Day} Day */

const PHONE = matchMedia('(max-width: 47.99rem)');

/** @type {import('./agenda/agenda').Config} */
const config = dataBlock('config');
setUpShowrooms(config);
const sheet = new VisitSheet(config);
const slips = new Slips(config, (visit) => sheet.open(visit, slips.now));
const roster = new RosterSheet(config, () => board.load());
new FeedSheet(config);
const board = new Board(config, PHONE.matches ? 'day' : 'week', (days, view, anew) => {
  slips.now = days.now;
  if (view === 'list') drawList(days);
  else drawDays(days, view, anew);
  followSheet(days);
  sayEmpty(days);
});
for (const id of ['roster-open', 'empty-action']) {
  byId(id).addEventListener('click', () => roster.open(config.base, board.day));
}

function drawDays(/** @type {Days} */ days, /** @type {string} */ view, /** @type {boolean} */ anew) {
  const columns = days.days.map((day) => ({
    name: view === 'day' ? t('agenda.hours') : dayLink(day),
    advisor: '',
    day,
    shift: days.advisors[0],
    visits: visitsOf(days, day),
    today: day.date === days.today,
  }));
  const more = { now: days.now, zone: config.zone, slips, label: t('agenda.headline') };
  const axis = drawGrid(board.frame, columns, more);
  board.frame.dataset.shows = view;
  if (anew) scrollToStart(board.frame, columns, axis, days.now);
}

function drawList(/** @type {Days} */ days) {
  const shift = days.advisors[0];
  const groups = days.days
    .map((day) => ({
      name: fullDate(day.date),
      hours: hoursOf(shift, day, config.zone),
      visits: visitsOf(days, day),
      today: day.date === days.today,
    }))
    .filter((group) => group.visits.length > 0 || group.today);
  drawGroups(board.frame, groups, (visit) => slips.row(visit));
}

/** A day above its column: a tap shows it alone. */
function dayLink(/** @type {Day} */ day) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'link';
  button.dataset.key = day.date;
  button.textContent = shortDate(day.date);
  button.setAttribute('aria-label', fullDate(day.date));
  button.addEventListener('click', () => board.show(day.date, 'day'));
  return button;
}

function visitsOf(/** @type {Days} */ days, /** @type {Day} */ day) {
  return days.visits.filter((visit) => visit.starts_at < day.until && visit.ends_at > day.from);
}

/** What changed meanwhile shows in the open sheet, too. */
function followSheet(/** @type {Days} */ days) {
  const open = days.visits.find((visit) => visit.id === sheet.visit?.id);
  if (open) sheet.fill(open, days.now);
}

function sayEmpty(/** @type {Days} */ days) {
  const works = (days.advisors[0]?.working.length ?? 0) > 0;
  show(byId('empty'), days.visits.every((visit) => visit.state === 'cancelled'));
  say(byId('empty-text'), t(works ? 'agenda.empty' : 'agenda.empty.off'));
}
