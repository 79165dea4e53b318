// @ts-check
/** One booked visit: when it is, joining it, moving it, cancelling it, and booking it again. */
import { nearDay, ownZone, timeOf, whichClock } from './booking/days.js';
import { Times, nextFree, thereNote, timeItem } from './booking/times.js';
import { expect } from './customer/expected.js';
import { byId, dataBlock, get, post, say, show } from './dom.js';
import { moment, refusal, t } from './words.js';

/** @typedef {'booked' | 'waiting' | 'live' | 'host_no_show' | 'no_show' | 'cancelled' | 'done'} State */
/**
 * @typedef {{state: State, starts_at: number, ends_at: number, advisor: string | null,
 *   join_from: number, change_until: number, mail_returned: boolean, now: number}} Visit
 */

const LOOK_EVERY_MS = 15_000;
const JOINABLE = ['booked', 'waiting', 'live'];
const AGAIN = ['host_no_show', 'no_show', 'cancelled'];

const config = dataBlock('config');
const own = ownZone(config.zone);
const base = location.pathname.replace(/\/$/, '');
const place = { slots: `${base}/slots`, zone: config.zone };
const times = new Times(place, (at) => change('reschedule', { starts_at: at }));
const dialog = byId('really', HTMLDialogElement);
const join = byId('join', HTMLButtonElement);
/** @type {Visit} */
let visit = config.visit;
/** How far the server's clock is ahead of this device's. */
let ahead = visit.now - Date.now();
let busy = false;
/** The time that was tapped in a letter. */
const wished = Number(new URLSearchParams(location.search).get('start')) || null;
/** What the times to book again were read for. */
let offered = '';

byId('calendar', HTMLAnchorElement).href = `${base}/visit.ics`;
join.addEventListener('click', enter);
byId('reschedule').addEventListener('click', () => openMove(byId('move').hidden));
byId('move-stay').addEventListener('click', () => openMove(false));
byId('cancel').addEventListener('click', () => dialog.showModal());
dialog.addEventListener('close', () => {
  if (dialog.returnValue === 'cancel') change('cancel', {});
  dialog.returnValue = '';
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') look();
});
setInterval(() => document.visibilityState === 'visible' && look(), LOOK_EVERY_MS);
setInterval(draw, 1000);
draw();

/** Ask the server how it stands. */
async function look() {
  if (busy) return;
  const answer = await get(`${base}/state`);
  if (answer.visit && !busy) follow(answer.visit);
}

function follow(/** @type {Visit} */ state) {
  visit = state;
  ahead = state.now - Date.now();
  draw();
}

/** Check in, and go where the call is. */
async function enter() {
  const answer = await act('join', {});
  if (!answer?.ok) return;
  const token = base.slice(base.lastIndexOf('/') + 1);
  expect({ call: answer.call, token, advisor: visit.advisor, starts_at: visit.starts_at });
  location.assign(`/s/${config.showroom}`);
}

/** @param {string} what @param {object} payload */
async function change(what, payload) {
  const answer = await act(what, payload);
  if (!answer) return;
  if (answer.ok) {
    openMove(false);
    if (answer.token) location.assign(`/v/${answer.token}`);
    else follow(answer.visit);
    byId('visit-title').focus();
  } else if (answer.code === 'slot_taken') {
    times.load();
    offered = '';
    draw();
  }
}

/** Send one change; a second tap while it is on its way does nothing. */
async function act(/** @type {string} */ what, /** @type {object} */ payload) {
  if (busy) return null;
  setBusy(true);
  const answer = await post(`${base}/${what}`, payload);
  setBusy(false);
  const problem = answer.ok ? '' : refusal(answer);
  say(byId('visit-error'), problem);
  show(byId('visit-error'), Boolean(problem));
  if (problem) byId('visit-error').scrollIntoView({ block: 'nearest' });
  if (answer.code === 'illegal_move' || answer.code === 'too_late') look();
  return answer;
}

function setBusy(/** @type {boolean} */ now) {
  busy = now;
  byId('main').setAttribute('aria-busy', String(now));
  draw();
}

function openMove(/** @type {boolean} */ open) {
  show(byId('move'), open);
  byId('reschedule').setAttribute('aria-expanded', String(open));
  if (!open) return;
  times.load();
  byId('move-title').focus();
}

/** Show what is true now: by the state, and by the server's time. */
function draw() {
  const now = Date.now() + ahead;
  const { state, starts_at: at, advisor } = visit;
  const begun = state === 'booked' && now >= visit.join_from;
  const name = advisor ?? t('visit.somebody');
  const key = begun ? 'ready' : state;
  document.body.dataset.state = key;
  say(byId('visit-title'), t(`visit.${key}`, { advisor: name }));
  say(byId('visit-lead'), t(`visit.${key}.text`, { advisor: name, time: timeOf(at, own) }));
  say(byId('visit-when'), t('common.day_time', { day: nearDay(at, own), time: timeOf(at, own) }));
  const there = thereNote(at, config.zone);
  say(byId('visit-there'), there);
  show(byId('visit-there'), Boolean(there));
  say(byId('really-when'), byId('visit-when').textContent ?? '');
  show(byId('mail-returned'), visit.mail_returned && JOINABLE.includes(state));
  drawActions(state, now);
  const again = AGAIN.includes(state);
  show(byId('again'), again || state === 'done');
  show(byId('again-times'), again);
  if (again && offered !== state) offerAgain(state);
}

function drawActions(/** @type {State} */ state, /** @type {number} */ now) {
  const { join_from: from } = visit;
  const early = state === 'booked' && now < from;
  show(byId('joining'), JOINABLE.includes(state));
  join.disabled = busy || early;
  const when = moment(from, own, whichClock(from, own));
  say(byId('join-note'), early ? t('visit.join_from', { when }) : '');
  const open = state === 'booked' && now < visit.change_until;
  show(byId('actions'), state === 'booked' || state === 'waiting');
  show(byId('visit-check'), state === 'booked' || state === 'waiting');
  show(byId('reschedule'), open);
  show(byId('cancel'), open);
  show(byId('too-late'), state === 'booked' && !open);
  if (!open) show(byId('move'), false);
}

/** Offer the next three times: one tap books again, with what we know already. */
async function offerAgain(/** @type {string} */ state) {
  offered = state;
  const free = await nextFree(place, 3, wished);
  const pick = (/** @type {number} */ at) => change('rebook', { starts_at: at });
  byId('again-times').replaceChildren(...free.map((at) => timeItem(at, config.zone, pick, true)));
  show(byId('again-none'), free.length === 0);
}
