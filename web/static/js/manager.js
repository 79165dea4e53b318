// @ts-check
/** The manager's page: the floor over the socket, the figures fetched when the floor changed. */
import { setUpLookup } from './check/lookup.js';
import { byId, dataBlock, get, part, post, say, show, showRows } from './dom.js';
import { Alarms } from './manager/alarms.js';
import { Calls } from './manager/calls.js';
import { showCampaigns } from './manager/campaigns.js';
import { showFigures } from './manager/figures.js';
import { Floor } from './manager/floor.js';
import { Orders } from './manager/orders.js';
import { Rooms } from './manager/rooms.js';
import { Stills } from './manager/stills.js';
import { Supervision } from './manager/supervision.js';
import { setUpShowrooms } from './showrooms.js';
import { Signalling } from './signalling.js';
import { refusal, t } from './words.js';

/** At most one fetch in this time, and one more after the last change. */
const EVERY_MS = 2000;
/** A call that ended is in the record this long after it has left the floor. */
const SAVED_MS = 1500;
/** Outcomes and ratings change no floor: look again now and then. */
const ANYWAY_MS = 30_000;

const config = dataBlock('config');
setUpShowrooms(config);
setUpLookup('manager', config.showroom);
/** A car's name, where the page knows it. */
const cars = (/** @type {string | null} */ slug) => config.vehicles?.[slug ?? ''] ?? slug ?? '';
const signalling = new Signalling('manager', config.showroom);
const supervision = new Supervision(signalling, config.showroom);
/** @type {import('./wire').FloorState | null} */
let present = null;
const stills = new Stills(config.showroom, () => present && floor.follow(present));
const orders = new Orders(config.showroom);
const alarms = new Alarms(config, orders);
const rooms = new Rooms(config.showroom);
const floor = new Floor({
  cars,
  orders,
  now: () => signalling.now(),
  listen: (call) => supervision.listen(call),
  picture: (call) => stills.of(call),
});
const calls = new Calls(config, cars);
showFigures(config.figures, config.usual);
showTrouble(config.troubled);
showTaken(config.taken);
showCampaigns(config.campaigns, orders);
calls.follow(config.calls, config.figures.calls);

let fetchedAt = 0;
/** The number of the newest fetch, and of the one that shows: an older answer may come later. */
let asked = 0;
let shown = 0;
let timer = 0;
let later = 0;

signalling
  .on('floor_state', (state) => {
    present = state;
    if (config.stills) stills.follow(state.calls.some((one) => one.state === 'live'));
    alarms.follow(state);
    floor.follow(state);
    orders.follow(state);
    refreshSoon();
    clearTimeout(later);
    later = setTimeout(refreshSoon, SAVED_MS);
  })
  .on('rooms_state', (state) => rooms.follow(state.rooms))
  .on('connected', () => say(byId('board-line'), t('manager.live')))
  .on('disconnected', () => say(byId('board-line'), t('common.reconnecting')))
  .on('signed_out', () => location.assign('/staff/login'))
  .on('refused', (refused) => {
    if (['not_signed_in', 'factor_needed'].includes(refused.code)) location.assign('/staff/login');
    else say(byId('board-line'), refusal(refused));
  });
signalling.connect();
setInterval(() => document.hidden || refreshSoon(), ANYWAY_MS);

/** Say which receivers of leads get nothing, by their names. */
function showTrouble(/** @type {string} */ names) {
  say(byId('handoff-trouble-text'), names ? t('manager.handoff.trouble', { names }) : '');
  show(byId('handoff-trouble'), Boolean(names));
}

/** Show what advisors have taken on and not done. @param {{id: string, name: string, by: string}[]} items */
function showTaken(items) {
  show(byId('taken-part'), items.length > 0);
  showRows(byId('taken'), items, 'taken-template', (row, item) => {
    const name = item.name || t('manager.taken.unknown');
    part(row, 'name').textContent = name;
    part(row, 'by').textContent = item.by;
    const button = part(row, 'release', HTMLButtonElement);
    button.setAttribute('aria-label', `${button.textContent}: ${name}`);
    button.onclick = () => release(item.id);
  });
}

async function release(/** @type {string} */ id) {
  const showroom = new URLSearchParams({ showroom: config.showroom });
  const answer = await post(`/manager/follow-ups/${id}/release?${showroom}`, {});
  say(byId('taken-line'), answer.ok ? '' : refusal(answer));
  await refresh();
}

function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, Math.max(0, fetchedAt + EVERY_MS - Date.now()));
}

async function refresh() {
  fetchedAt = Date.now();
  const turn = ++asked;
  const answer = await get(`/manager/today?${new URLSearchParams({ showroom: config.showroom })}`);
  // The socket tells whether the server is away; the next change fetches again.
  if (!answer.figures || turn < shown) return;
  shown = turn;
  showFigures(answer.figures, answer.usual);
  showTrouble(answer.troubled);
  showTaken(answer.taken);
  showCampaigns(answer.campaigns, orders);
  calls.follow(answer.calls, answer.figures.calls);
}
