// @ts-check
/**
 * Booking a visit: choose a time, say who comes, done. Each is a view with an address of its own,
 * so that the Back button does what people expect; what is held and typed survives a reload.
 */
import { Countdown } from './booking/countdown.js';
import { nearDay, ownZone, timeOf } from './booking/days.js';
import { Details, release } from './booking/details.js';
import { Held } from './booking/held.js';
import { Times, nextFree, thereNote, timeItem } from './booking/times.js';
import { byId, dataBlock, part, pictureUrl, post, say, show } from './dom.js';
import { clock, refusal, t } from './words.js';

/** @typedef {'choose' | 'details' | 'done'} View */

const config = dataBlock('config');
const own = ownZone(config.zone);
const title = document.title;
const held = new Held(config.showroom);
const times = new Times(config, (at) => hold(at));
const countdown = new Countdown();
const details = new Details(held.typed, (typed) => held.type(typed), confirm);
const advisor = byId('advisor', HTMLSelectElement);
const vehicle = byId('vehicle', HTMLSelectElement);
const next = byId('next-button', HTMLButtonElement);
/** A tap is on its way to the server: further ones wait for its answer. */
let busy = false;

next.addEventListener('click', () => times.first && hold(times.first));
advisor.addEventListener('change', load);
vehicle.addEventListener('change', picture);
byId('other-time').addEventListener('click', () => go('choose'));
part(byId('kept'), 'go').addEventListener('click', () => go('details'));
addEventListener('popstate', follow);
// A phone that slept has missed what was booked meanwhile.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && view() === 'choose' && !busy) load();
});

picture();
follow();
load();

/** Read the free times; the first one is a tap away. */
async function load() {
  next.disabled = true;
  say(byId('next-when'), t('book.loading'));
  await times.load(advisor.value);
  const at = times.first;
  next.disabled = at === null;
  show(byId('next'), at !== null);
  say(byId('next-when'), at === null ? '' : when(at));
  note('next-there', at);
}

/** Keep a time while the form is filled in. */
async function hold(/** @type {number} */ at) {
  if (busy) return;
  setBusy(true);
  const before = held.hold;
  const answer = await post(`/s/${config.showroom}/holds`, {
    starts_at: at,
    language: config.language,
    zone: own,
    vehicle: vehicle.value || null,
    advisor: advisor.value || null,
  });
  setBusy(false);
  if (!answer.ok) {
    refused(answer);
    return;
  }
  if (before) release(before.token);
  held.keep(answer);
  complain('');
  details.complain('');
  offer([]);
  // Another time for the same form: it stands at the top, and the offers below.
  if (view() === 'details') begin('details');
  go('details');
}

/** Say that the time was taken, with the next ones where the visitor is. */
function refused(/** @type {any} */ answer) {
  if (view() === 'details') {
    details.refused(answer);
    offer(answer.free ?? []);
  } else {
    complain(refusal(answer));
    load();
  }
}

/** @param {Record<string, string | null>} fields */
async function confirm(fields) {
  const kept = held.hold;
  if (!kept || busy) return;
  setBusy(true);
  const answer = await post(`/v/${kept.token}/confirm`, {
    ...fields,
    language: config.language,
    vehicle: vehicle.value || null,
    consents: [{ purpose: 'contact', version: config.consent.version }],
    campaign: config.campaign,
  });
  setBusy(false);
  if (answer.ok) {
    countdown.stop();
    const { starts_at } = answer.visit;
    held.book({ token: kept.token, starts_at, mail: Boolean(fields.email) });
    details.clear();
    go('done', true);
  } else if (answer.code === 'not_found' || answer.code === 'slot_taken') {
    details.complain(t('book.gone'));
    showKept(false);
    offer(answer.free ?? (await nextFree(config, 6)));
  } else {
    details.refused(answer);
  }
}

/** Offer other times beside what was typed. */
function offer(/** @type {number[]} */ free) {
  const list = byId('details-free');
  list.replaceChildren(...free.map((at) => timeItem(at, config.zone, hold, true)));
  show(list, free.length > 0);
}

function complain(/** @type {string} */ text) {
  say(byId('choose-error'), text);
  show(byId('choose-error'), Boolean(text));
  if (text) byId('choose-error').scrollIntoView({ block: 'nearest' });
}

function setBusy(/** @type {boolean} */ now) {
  busy = now;
  byId('main').setAttribute('aria-busy', String(now));
  // What is being kept or confirmed is one thing at a time.
  details.busy(now);
}

/** The day and the time, on the reader's own clock. */
function when(/** @type {number} */ at) {
  return t('common.day_time', { day: nearDay(at, own), time: timeOf(at, own) });
}

/** @param {string} id @param {number | null} at */
function note(id, at) {
  const text = at === null ? '' : thereNote(at, config.zone);
  say(byId(id), text);
  show(byId(id), Boolean(text));
}

function picture() {
  const car = config.vehicles.find((/** @type {any} */ one) => one.id === vehicle.value);
  const shown = car ?? config.vehicles[0];
  if (shown) byId('book-picture', HTMLImageElement).src = pictureUrl(shown.picture);
}

/** Where the page stands, by its address and by what this tab still holds. @returns {View} */
function view() {
  if (location.hash === '#details' && held.hold) return 'details';
  if (location.hash === '#done' && held.booked) return 'done';
  return 'choose';
}

/** Go to a view. @param {View} name */
function go(name, instead = false) {
  const url = name === 'choose' ? location.pathname + location.search : `#${name}`;
  if (name !== view() || location.hash !== new URL(url, location.href).hash) {
    if (instead) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
  }
  follow();
}

/** Show the view that the address names. */
function follow() {
  const name = view();
  const before = document.body.dataset.view;
  document.body.dataset.view = name;
  for (const one of ['choose', 'details', 'done']) show(byId(`view-${one}`), one === name);
  if (name === 'done') showDone();
  else if (held.hold) showHold(held.hold);
  document.title = name === 'choose' ? title : `${byId(`${name}-title`).textContent} · ${title}`;
  if (before === name || !before) return;
  begin(name);
  if (name === 'choose') load();
}

/** Put the reader at the head of a view. */
function begin(/** @type {View} */ name) {
  scrollTo({ top: 0 });
  byId(`${name}-title`).focus({ preventScroll: true });
}

/** Say that the time is kept, and for how long; or no more. */
function showKept(/** @type {boolean} */ kept) {
  if (!kept) countdown.stop();
  for (const id of ['details-eyebrow', 'countdown']) show(byId(id), kept);
}

function showHold(/** @type {import('./booking/held.js').Hold} */ kept) {
  say(byId('details-title'), when(kept.starts_at));
  note('details-there', kept.starts_at);
  showKept(true);
  const bar = byId('kept');
  say(part(bar, 'when'), t('book.kept', { when: when(kept.starts_at) }));
  countdown.start(kept.until, (left) => {
    say(part(bar, 'left'), clock(left));
    show(bar, left > 0);
  });
}

function showDone() {
  const booked = held.booked;
  if (!booked) return;
  countdown.stop();
  show(byId('kept'), false);
  say(byId('done-title'), t('book.done.title', { when: when(booked.starts_at) }));
  say(byId('done-lead'), t(booked.mail ? 'book.done.lead_mail' : 'book.done.lead_phone'));
  note('done-there', booked.starts_at);
  show(byId('plan-mail'), booked.mail);
  byId('done-visit', HTMLAnchorElement).href = `/v/${booked.token}`;
  byId('done-calendar', HTMLAnchorElement).href = `/v/${booked.token}/visit.ics`;
}
