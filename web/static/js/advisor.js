// @ts-check
/**
 * The advisor's page: idle, a ring, the call, the wrap-up. What it shows follows from the last
 * `advisor_state` and `call_state`, so a reload returns to where the work stands.
 */
import { canCall } from './able.js';
import { Check } from './advisor/check.js';
import { FollowUps } from './advisor/follow_ups.js';
import { Idle } from './advisor/idle.js';
import { DueLeads } from './advisor/due_leads.js';
import { LeadSheet } from './advisor/lead.js';
import { Live } from './advisor/live.js';
import { forget, recall } from './advisor/memory.js';
import { Ring } from './advisor/ring.js';
import { Visits } from './advisor/visits.js';
import { WrapUp } from './advisor/wrap_up.js';
import { cameraLines } from './camera_lines.js';
import { Capture } from './capture.js';
import { setUpLookup } from './check/lookup.js';
import { byId, dataBlock, show } from './dom.js';
import { Keeper } from './keeper.js';
import { setUpShowrooms } from './showrooms.js';
import { Signalling } from './signalling.js';
import { unlock } from './unlock.js';
import { refusal, t } from './words.js';

/** @typedef {'idle' | 'ring' | 'live' | 'wrap' | 'replaced'} View */
/** @typedef {import('./wire').AdvisorCall} AdvisorCall */

const config = dataBlock('config');
const title = document.title;
setUpShowrooms(config);
setUpLookup('advisor', config.showroom);

if (canCall()) start();
else showUnsupported();

function start() {
  const signalling = new Signalling('advisor', config.showroom);
  const keeper = new Keeper(signalling, 'advisor');
  const capture = new Capture('environment', cameraLines);
  capture.on('track', ({ kind, track }) => keeper.setTrack(kind, track));
  const check = new Check(capture);
  const live = new Live(signalling, keeper, capture, config);
  const ring = new Ring(answer, config.zone);
  const lead = new LeadSheet(config);
  const wrapUp = new WrapUp(
    (event, payload) => signalling.send(event, payload),
    () => lead.flush(),
  );
  const dueLeads = new DueLeads(config.showroom);
  const idle = new Idle(signalling, () => {
    if (!checked) check.start();
    checked = true;
  });
  const followUps = new FollowUps(
    (event, payload) => signalling.send(event, payload),
    (text) => idle.complain(text),
    config.vehicles,
    config.manages,
  );
  const visits = new Visits(ring.tone, () => idle.available, config.zone, config.vehicles);
  /** The devices were asked for once in this page. */
  let checked = false;
  /** The call whose devices are open. */
  let equipped = '';

  // Each time: a system may take the sound away again between two rings.
  for (const tap of ['pointerdown', 'click', 'keydown']) addEventListener(tap, () => ring.unlock());
  byId('check-button').addEventListener('click', () => (checked = true));
  byId('continue-here').addEventListener('click', () => signalling.connect());

  signalling
    .on('advisor_state', (state) => idle.follow(state))
    .on('follow_ups', ({ items }) => followUps.follow(items))
    .on('visits', (list) => visits.follow(list))
    .on('call_state', (/** @type {AdvisorCall} */ call) => follow(call))
    .on('no_call', () => over())
    .on('connected', () => tellLine(''))
    .on('disconnected', () => tellLine(t('common.reconnecting')))
    .on('replaced', () => stop('replaced'))
    .on('signed_out', () => location.assign('/staff/login'))
    .on('refused', (refused) => {
      if (['not_signed_in', 'factor_needed'].includes(refused.code)) location.assign('/staff/login');
      else idle.complain(refusal(refused));
    });
  signalling.connect();

  /** Say how the line is where a call waits for an answer of this page. */
  function tellLine(/** @type {string} */ text) {
    ring.complain(text);
    wrapUp.complain(text);
  }

  /** Show where a call stands. */
  function follow(/** @type {AdvisorCall} */ call) {
    if (call.state === 'closed' || call.state === 'waiting') return over();
    const ended = call.state === 'wrap_up';
    if (ended) unequip();
    else equip(call);
    keeper.follow(call);
    visits.receive(call.visit?.id);
    if (call.state !== 'ringing') ring.stop();
    if (call.state === 'ringing') {
      ring.follow(call);
      view('ring');
    } else if (ended) {
      live.leave();
      wrapUp.follow(call, live.tools.notes.of(call.call));
      lead.follow(call, 'wrap');
      view('wrap');
    } else {
      view('live');
      live.follow(call);
      lead.follow(call, 'live');
    }
  }

  /** Open the devices while it rings, so that the picture is there when it is accepted. */
  function equip(/** @type {AdvisorCall} */ call) {
    if (equipped === call.call) return;
    equipped = call.call;
    check.busy = true;
    check.stop();
    for (const kind of recall(call.call).off ?? []) capture.enable(kind, false);
    capture.open('audio', 'video');
  }

  function unequip() {
    equipped = '';
    if (check.busy) capture.closeAll();
    check.busy = false;
  }

  /** The call is over, for good or for this page's part of it. */
  function over() {
    forget();
    rest();
  }

  /** No call is shown. */
  function rest() {
    ring.stop();
    live.leave();
    live.tools.forget();
    wrapUp.leave();
    lead.leave();
    keeper.drop();
    unequip();
    view('idle');
    dueLeads.look();
    visits.receive(undefined);
  }

  function stop(/** @type {View} */ next) {
    rest();
    check.stop();
    view(next);
  }

  /** Accept or decline; the tap also unlocks the customer's sound. */
  async function answer(
    /** @type {'accept' | 'decline'} */ event,
    /** @type {AdvisorCall} */ call,
  ) {
    if (event === 'accept') {
      // First the picture, which somebody waits for. (A transfer's link starts only at the
      // hand-over: there is nothing to release yet.)
      if (keeper.link?.number === call.link) keeper.release();
      unlock(byId('customer-video', HTMLVideoElement));
    }
    idle.complain('');
    try {
      await signalling.send(event, { call: call.call, ring: call.ring });
    } catch (error) {
      keeper.withhold();
      const refused = /** @type {import('./signalling.js').Refused} */ (error);
      const late = refused.code === 'illegal_move';
      const text = late ? t('advisor.ring.too_late') : refusal(refused);
      // While it rings there is time for another tap; that it was too late is read afterwards too.
      if (ring.rings(call)) ring.complain(text);
      if (late || !ring.rings(call)) idle.complain(text);
    }
  }
}

/** Nothing is on its way in such a browser, and there is nothing to check for. */
function showUnsupported() {
  show(byId('unsupported'), true);
  show(byId('idle-lead'), false);
  show(byId('check'), false);
}

function view(/** @type {View} */ name) {
  if (document.body.dataset.view === name) return;
  document.body.dataset.view = name;
  for (const one of ['idle', 'ring', 'live', 'wrap', 'replaced']) {
    show(byId(`view-${one}`), one === name);
  }
  show(byId('page'), name !== 'live' && name !== 'ring');
  if (name !== 'live' && name !== 'ring') document.title = title;
  byId(`view-${name}`).querySelector('h1')?.focus({ preventScroll: true });
}
