// @ts-check
/** The page of somebody whom the customer's link has brought: ask, wait, watch, listen, speak. */
import { Capture } from './capture.js';
import { Chat } from './chat.js';
import { byId, dataBlock, post, say, show, toggle } from './dom.js';
import { keepFitting } from './fit.js';
import { stageWord } from './joined_word.js';
import { onNetworkChange } from './network.js';
import { Playback } from './playback.js';
import { Pointer } from './pointer.js';
import { expectedFrom } from './quality.js';
import { RecordingSign } from './recording_sign.js';
import { RelayKeeper } from './relay_keeper.js';
import { Signalling } from './signalling.js';
import { unlock } from './unlock.js';
import { Voices } from './voices.js';
import { WakeLock } from './wakelock.js';
import { clock, refusal, t } from './words.js';

const GLANCE_MS = 500;
/** Whoever leaves by a dead line has left all the same. */
const LEAVE_MS = 2000;
/** The advisor, the customer, a manager and another companion; the advisor's picture. */
const PLACES = { voices: 4, pictures: 1 };
const VIEWS = ['door', 'asking', 'live', 'over', 'replaced'];

/** @typedef {import('./wire').JoinedCall} JoinedCall */

const config = dataBlock('config');
const signalling = new Signalling('companion', config.showroom);
const relay = new RelayKeeper(signalling, ['audio'], PLACES);
const video = byId('live-video', HTMLVideoElement);
const playback = new Playback(video, (blocked) => show(byId('tap-for-sound'), blocked));
const voices = new Voices();
const capture = new Capture('user');
const wakeLock = new WakeLock();
// Photos of a call are for its two sides.
const chat = new Chat(signalling, 'companion', byId('chat'), () => {});
const sign = new RecordingSign();
const pointer = new Pointer(video, byId('marks'), (point) => send('point', point));
/** @type {JoinedCall | null} */
let call = null;
/** Set for good: what still comes of the call is for nobody. */
let left = false;

relay.on('link', (link) => {
  playback.attach(link?.remote ?? null);
  voices.attach(link?.voices ?? []);
});
capture
  .on('track', ({ kind, track }) => kind === 'audio' && relay.setTrack('audio', track))
  .on('change', () => showMicrophone())
  .on('trouble', ({ error }) => remedy(t(error.remedy)));
signalling
  .on('joined_state', (state) => left || follow(state))
  .on('not_in_call', ({ over }) => leave(over ? 'over' : 'away'))
  .on('pointed', ({ by, x, y }) => pointer.mark(by, { x, y }))
  .on('connected', ({ again }) => again && relay.probe())
  .on('replaced', () => {
    drop();
    view('replaced');
  })
  .on('refused', () => left || view('door'));
onNetworkChange(() => relay.probe());

byId('join-form').addEventListener('submit', (event) => {
  event.preventDefault();
  knock();
});
for (const button of document.querySelectorAll('[data-leave]')) button.addEventListener('click', () => go());
byId('leave').addEventListener('click', () => go());
byId('hand').addEventListener('click', () => send('raise_hand', { up: !(call?.me.hand || speaks()) }));
byId('microphone').addEventListener('click', () => {
  if (capture.track('audio')) capture.enable('audio', !capture.isOn('audio'));
  else capture.open('audio');
});
byId('continue-here').addEventListener('click', () => signalling.connect());
byId('close-remedy').addEventListener('click', () => show(byId('remedy'), false));
const full = byId('full-screen');
show(full, document.fullscreenEnabled);
full.addEventListener('click', () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else byId('view-live').requestFullscreen();
});
keepFitting(video);
setInterval(glance, GLANCE_MS);
if (config.known) signalling.connect();

async function knock() {
  const name = byId('join-name', HTMLInputElement).value.trim();
  const problem = byId('join-error');
  show(problem, !name);
  say(problem, name ? '' : t('join.name_missing'));
  if (!name) return byId('join-name').focus();
  unlock(video);
  byId('join', HTMLButtonElement).disabled = true;
  const answer = await post(location.pathname, { name });
  byId('join', HTMLButtonElement).disabled = false;
  if (answer.ok) return signalling.connect();
  say(problem, answer.code === 'not_found' ? t('join.link_ended') : refusal(answer));
  show(problem, true);
}

function follow(/** @type {JoinedCall} */ state) {
  const spoke = speaks();
  call = state;
  const inside = state.me.state === 'in';
  view(inside ? 'live' : 'asking');
  if (!inside) return;
  wakeLock.keep(true);
  const picture = expectedFrom(state.held, state.advisor) === 'all';
  relay.follow({ relay: state.relay, ice: state.ice, sending: speaks() && !state.held, picture });
  chat.follow(/** @type {any} */ (state));
  sign.follow(state.recording, state.now);
  playback.quieten(state.held);
  say(byId('advisor-name'), state.advisor?.name ?? '');
  say(byId('car-name'), state.vehicle?.name ?? '');
  // Asked for once: who says no has the button.
  if (speaks() && !spoke) capture.open('audio');
  if (!speaks()) capture.close('audio');
  showMicrophone();
  glance();
}

function speaks() {
  return call?.me.voice === 'all';
}

function showMicrophone() {
  const on = capture.isOn('audio');
  show(byId('microphone'), speaks());
  toggle(byId('microphone'), on, t(`call.microphone_${on ? 'off' : 'on'}`));
  const asked = Boolean(call?.me.hand);
  const next = speaks() ? 'stop_speaking' : asked ? 'take_hand_down' : 'ask_to_speak';
  toggle(byId('hand'), asked || speaks(), t(`join.${next}`));
}

function glance() {
  if (!call || call.me.state !== 'in') return;
  say(byId('timer'), call.live_at ? clock(signalling.now() - call.live_at) : '');
  const { started, frozen } = playback;
  const word = stageWord({ call, health: relay.link?.health ?? null, started, frozen });
  show(byId('stage-word'), word !== '');
  if (word) {
    say(byId('stage-word-title'), t(`join.word.${word}`));
    say(byId('stage-word-text'), t(`join.word.${word}.text`));
  }
  const line = !signalling.connected ? t('common.reconnecting') : call.me.hand ? t('join.hand_up') : '';
  say(byId('call-line'), line);
  show(byId('call-line'), line !== '' && word === '');
}

/** The microphone goes first, whatever the line takes; nobody needs leave to leave. */
async function go() {
  if (left) return;
  left = true;
  sayOver('left');
  await signalling.send('leave_call', {}, LEAVE_MS).catch(() => {});
  signalling.close();
}

function leave(/** @type {'over' | 'away'} */ why) {
  if (left) return;
  signalling.close();
  sayOver(why);
}

function sayOver(/** @type {'over' | 'away' | 'left'} */ why) {
  drop();
  say(byId('over-title'), t(`join.${why}`));
  say(byId('over-text'), t(`join.${why}.text`));
  view('over');
}

function drop() {
  call = null;
  relay.drop();
  capture.closeAll();
  wakeLock.keep(false);
  if (document.fullscreenElement) document.exitFullscreen();
}

function view(/** @type {string} */ name) {
  if (document.body.dataset.view === name) return;
  document.body.dataset.view = name;
  for (const one of VIEWS) show(byId(`view-${one}`), one === name);
  show(byId('page'), name !== 'live');
  byId(`view-${name}`).querySelector('h1')?.focus();
}

function remedy(/** @type {string} */ text) {
  say(byId('remedy-text'), text);
  show(byId('remedy'), true);
}

/** @param {string} event @param {object} [payload] */
async function send(event, payload = {}) {
  try {
    await signalling.send(event, payload);
  } catch (error) {
    if (event !== 'point') remedy(refusal(/** @type {any} */ (error)));
  }
}
