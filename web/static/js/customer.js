// @ts-check
/**
 * The customer's page: one document, and a view for each stage of a call. What it shows follows
 * from the last `call_state`, so a reload returns to where the call stands.
 */
import { After } from './customer/after.js';
import { setUpCallBacks } from './customer/call_back.js';
import { Landing } from './customer/landing.js';
import { checkBeforehand } from './customer/preflight.js';
import { RequestSheet } from './customer/request.js';
import { Waiting } from './customer/waiting.js';
import { byId, dataBlock, post, show } from './dom.js';
import { recall, remember } from './memory.js';
import { Signalling } from './signalling.js';
import { unlock } from './unlock.js';
import { refusal, t } from './words.js';

/** @typedef {'landing' | 'waiting' | 'live' | 'after' | 'replaced'} View */
/** @typedef {import('./wire').CustomerCall} CustomerCall */

const VIEWS = /** @type {Record<import('./wire').CallState, View>} */ ({
  waiting: 'waiting',
  ringing: 'waiting',
  connecting: 'live',
  live: 'live',
  wrap_up: 'after',
  closed: 'after',
});

/** Where each view says what went wrong; the others lead back to the landing page. */
const ERRORS = /** @type {Record<string, string>} */ ({
  waiting: 'waiting-error',
  live: 'remedy-text',
});

/** From the tap to the call's first state it takes a moment, on a slow line a few seconds. */
const EXPECTED_MS = 8000;

const config = dataBlock('config');
const title = document.title;
const signalling = new Signalling('customer', config.showroom);
const landing = new Landing(config);
setUpCallBacks(config, () => wished());
const requests = new RequestSheet(config, () => wished() ?? call?.vehicle?.id ?? null);
for (const id of ['book', 'waiting-book', 'after-book']) {
  const link = byId(id, HTMLAnchorElement);
  // What the visitor looks at, and where they came from, are known where they book.
  link.addEventListener('pointerdown', () => (link.search = wishes()));
  link.addEventListener('focus', () => (link.search = wishes()));
}

/** @type {CustomerCall | null} */
let call = null;
/** The ended call whose last page the visitor has left. */
let left = recall('left');
/** @type {Promise<import('./customer/call.js').Room> | null} */
let room = null;
/** Since the tap that called, until the call's first state: a patience, not a deadline. */
let expecting = 0;

if (checkBeforehand()) start();
else showUnsupported();

function start() {
  const waiting = new Waiting(() => signalling.send('leave_queue'), config);
  const after = new After((stars, comment) => signalling.send('rate', { stars, comment }), {
    send: (event, payload) => signalling.send(event, payload),
    again: () => request(call?.vehicle?.id ?? null),
    openPhoto: (over, photo) => enter().then((entered) => entered.openPhoto(over, photo), () => {}),
    back: () => {
      left = call?.call ?? '';
      remember('left', left);
      view('landing');
    },
  });
  byId('call').addEventListener('click', () => request(landing.chosen?.id ?? null));
  // What a call needs comes behind the page, or a slow line would bring it after the tap.
  addEventListener('load', () => setTimeout(() => import('./customer/call.js').catch(() => {})));
  byId('continue-here').addEventListener('click', () => signalling.connect());

  signalling
    .on('showroom_state', (state) => landing.follow(state))
    .on('call_state', (/** @type {CustomerCall} */ state) => {
      call = state;
      arrived();
      show(byId('waiting-line'), false);
      const next = VIEWS[state.state];
      if (next === 'waiting') waiting.follow(state);
      if (next === 'after') after.follow(state);
      if (next !== 'after' || state.call !== left) view(next);
      if (next !== 'after' || room)
        enter().then(
          (entered) => call && entered.follow(call),
          () => {},
        );
    })
    .on('no_call', () => {
      // A call that just ended stays on the page until the visitor moves on.
      if (call && VIEWS[call.state] === 'after') return;
      leave('landing');
    })
    .on('disconnected', () => show(byId('waiting-line'), true))
    .on('replaced', () => leave('replaced'))
    .on('refused', (refused) => showError(refusal(refused)));
  signalling.connect();
}

/** Ask for an advisor. Called by a tap, which also unlocks the sound. */
async function request(/** @type {string | null} */ vehicle) {
  unlock(byId('live-video', HTMLVideoElement));
  enter();
  setBusy(true);
  const answer = await post(`/s/${config.showroom}/calls`, { language: config.language, vehicle });
  if (answer.ok || answer.code === 'already_in_call') {
    showError('');
    call = null;
    // A network that lets pages through and no WebSocket would leave the tap without an answer.
    expecting = setTimeout(() => {
      setBusy(false);
      showError(refusal({ code: 'no_answer' }));
    }, EXPECTED_MS);
    signalling.connect();
  } else {
    setBusy(false);
    view('landing');
    showError(refusal(answer));
  }
}

function arrived() {
  clearTimeout(expecting);
  setBusy(false);
}

/** The car that the visitor has in mind: of the call that runs, or chosen on the landing page. */
function wished() {
  const running = call && VIEWS[call.state] !== 'after' ? call.vehicle : null;
  return running?.id ?? landing.chosen?.id ?? null;
}

/** The chosen car and the campaign, as the booking page takes them. */
function wishes() {
  const query = new URLSearchParams();
  const vehicle = wished();
  if (vehicle) query.set('vehicle', vehicle);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name.startsWith('utm_')) query.set(name, value);
  }
  return query.toString();
}

/** Load what a call needs; when that fails, the next state or tap tries again. */
function enter() {
  room ??= import('./customer/call.js').then(({ Room }) => new Room(signalling));
  room.catch(() => {
    room = null;
    showError(refusal({ code: 'no_answer' }));
  });
  return room;
}

function leave(/** @type {View} */ next) {
  call = null;
  room?.then((entered) => entered.leave());
  view(next);
}

function showUnsupported() {
  show(byId('call'), false);
  signalling.on('showroom_state', (state) => landing.follow(state));
  signalling.connect();
}

function setBusy(/** @type {boolean} */ busy) {
  for (const id of ['call', 'call-again']) {
    byId(id, HTMLButtonElement).disabled = busy;
    byId(id).setAttribute('aria-busy', String(busy));
  }
}

/** Say what went wrong in the view that is on the screen. */
function showError(/** @type {string} */ text) {
  const place = byId(ERRORS[document.body.dataset.view ?? ''] ?? 'call-error');
  place.textContent = text;
  show(place.closest('.remedy') ?? place, Boolean(text));
}

function view(/** @type {View} */ name) {
  const before = document.body.dataset.view;
  if (before === name) return;
  document.body.dataset.view = name;
  for (const one of ['landing', 'waiting', 'live', 'after', 'replaced']) {
    show(byId(`view-${one}`), one === name);
  }
  show(byId('page'), name !== 'live');
  // Nothing lies over the call that somebody waited for; what was typed stays in the form.
  if (name === 'live') requests.close();
  if (name === 'landing') document.title = title;
  if (name === 'replaced') document.title = t('common.replaced.title');
  // On a slow line the first view comes late: somebody may read, or type, further down.
  if (!before) return;
  scrollTo({ top: 0 });
  // Whoever can't see the change hears the new view's heading.
  byId(`view-${name}`).querySelector('h1')?.focus({ preventScroll: true });
}
