// @ts-check
/**
 * The check of a customer's line: each thing that a call needs is tried by itself, for real, and what
 * was found is said in words and kept under a code for the advisor on the phone.
 */
import { canCall } from './able.js';
import { Capture } from './capture.js';
import { Lines, spoken, verdict } from './check/lines.js';
import { measureDown, measureUp } from './check/speed.js';
import { trySocket, tryWay } from './check/ways.js';
import { byId, dataBlock, post, say, show } from './dom.js';
import { Meter } from './meter.js';
import { pause } from './time.js';
import { refusal, t } from './words.js';

/** @typedef {import('./check/findings.js').LineCheck} LineCheck */
/** @typedef {import('./check/findings.js').Line} Line */

const WAYS = /** @type {const} */ (['udp', 'tcp', 'tls']);
/** On a fast line the rest is done before somebody has opened their mouth. */
const LISTENS_MS = 6000;
/** Whoever hasn't allowed the devices by then is not going to. */
const ASKED_MS = 20_000;
const REFUSED = { camera: 'NotAllowedError', microphone: 'NotAllowedError' };

const base = `/s/${dataBlock('config').showroom}/check`;
const lines = new Lines(byId('lines'));
const capture = new Capture('user');
const meter = new Meter(byId('meter'));
const button = byId('start', HTMLButtonElement);
const preview = byId('preview', HTMLVideoElement);
/** The browser's question for the devices of one run: an answer that comes too late is none. */
class Question {
  answered = false;
  over = false;
}

/** @type {Map<import('./capture.js').Kind, string>} what went wrong with it */
const failed = new Map();

capture.on('trouble', ({ kind, error }) => {
  failed.set(kind, error.remedy.replace('call.capture.', ''));
});
button.addEventListener('click', start);

async function start() {
  button.disabled = true;
  byId('self').dataset.runs = 'true';
  show(byId('result'), false);
  say(byId('verdict'), t('check.running'));
  const question = new Question();
  try {
    const check = await run(question);
    say(byId('verdict'), verdict(check));
    await keep(check);
  } catch {
    say(byId('verdict'), t('check.broken'));
  } finally {
    question.over = true;
    closeDevices();
    byId('self').dataset.runs = 'false';
    button.disabled = false;
    say(byId('start-text'), t('check.again'));
  }
}

/** Try everything; what shares the line with others comes after them. @returns {Promise<LineCheck>} */
async function run(/** @type {Question} */ question) {
  const calls = canCall();
  lines.show('browser', calls ? 'works' : 'fails');
  const devices = Promise.race([tryDevices(question), unanswered(question)]);
  devices.catch(() => {}); // it is told of below, when the rest is done
  const [socket, ways] = await Promise.all([follow('socket', trySocket()), tryWays(calls)]);
  lines.runs('up');
  const down = await follow('down', measureDown(`${base}/down`));
  const up = await follow('up', measureUp(`${base}/up`));
  const { camera, microphone } = await devices;
  const browser = calls ? 'works' : 'fails';
  const silent = microphone === 'works' && !(await meter.hears(LISTENS_MS));
  const heard = silent ? 'silent' : microphone;
  lines.show('camera', camera);
  lines.show('microphone', heard);
  return { browser, camera, microphone: heard, socket, ...ways, down, up };
}

/**
 * Say that a line is being tried, and then what was found.
 *
 * @template {string | number | null} T
 * @param {Line} line
 * @param {Promise<T>} trying
 */
async function follow(line, trying) {
  lines.runs(line);
  const found = await trying;
  lines.show(line, found);
  return found;
}

async function tryWays(/** @type {boolean} */ calls) {
  for (const way of WAYS) lines.runs(way);
  const answer = calls ? await post(`${base}/ways`, {}) : { ok: false };
  const found = (/** @type {(typeof WAYS)[number]} */ way) => {
    /** @type {Promise<import('./check/ways.js').Outcome>} */
    const trying = answer.ok ? tryWay(answer.ways[way]) : Promise.resolve('untried');
    return follow(way, trying);
  };
  const [udp, tcp, tls] = await Promise.all([found('udp'), found('tcp'), found('tls')]);
  return { udp, tcp, tls };
}

/** Open both, see and hear them; each that fails says why by itself. */
async function tryDevices(/** @type {Question} */ question) {
  failed.clear();
  for (const line of /** @type {const} */ (['camera', 'microphone'])) lines.runs(line);
  await capture.open('audio', 'video');
  if (question.over) return REFUSED;
  question.answered = true;
  const [camera, microphone] = [capture.track('video'), capture.track('audio')];
  preview.srcObject = camera && new MediaStream([camera]);
  show(preview, camera !== null);
  if (microphone) meter.attach(microphone);
  const found = { camera: nameOf('video'), microphone: nameOf('audio') };
  lines.show('camera', found.camera);
  // Whether it hears anything shows only with time.
  if (microphone) lines.listens();
  else lines.show('microphone', found.microphone);
  return found;
}

/** The browser's question is still on the screen: what has not been allowed is refused. */
async function unanswered(/** @type {Question} */ question) {
  await pause(ASKED_MS);
  if (question.answered || question.over) return REFUSED;
  question.over = true;
  capture.closeAll(); // what is allowed later is let go of at once
  return REFUSED;
}

function nameOf(/** @type {import('./capture.js').Kind} */ kind) {
  return failed.get(kind) ?? 'works';
}

function closeDevices() {
  meter.stop();
  preview.srcObject = null;
  show(preview, false);
  capture.closeAll();
}

async function keep(/** @type {LineCheck} */ check) {
  const answer = await post(`${base}/results`, check);
  say(byId('code'), answer.ok ? spoken(answer.code) : '–');
  say(byId('code-text'), answer.ok ? t('check.code.text') : refusal(answer));
  show(byId('result'), true);
}
