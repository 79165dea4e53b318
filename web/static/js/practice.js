// @ts-check
/** A practice call: half a minute to oneself, through the relay as in a call, and what came of it. */
import { Coach } from './advisor/coach.js';
import { Capture } from './capture.js';
import { byId, copyOf, dataBlock, get, part, post, say, show } from './dom.js';
import { RelayKeeper } from './relay_keeper.js';
import { setUpShowrooms } from './showrooms.js';
import { Refused } from './signalling.js';
import { pause } from './time.js';
import { clock, refusal, t } from './words.js';

const TICK_MS = 200;
const ASK_MS = 700;
const AGAIN_MS = 2000;
/** One that takes longer than this to be made is not worth waiting for. */
const PATIENCE_MS = 60_000;
/** So long may it take to connect. */
const CONNECT_MS = 15_000;

/** @typedef {'ready' | 'connecting' | 'recording' | 'making' | 'watch'} Stage */
/** @typedef {{at: number, hint: string}} Remark `at`: seconds from the beginning */

class Practice {
  /** @type {Stage} */
  #stage = 'ready';
  /** The practice on the server, or ''. */
  #id = '';
  #began = 0;
  #timer = 0;
  /** @type {Remark[]} */
  #remarks = [];
  #capture = new Capture('environment');
  #own = byId('practice-own', HTMLVideoElement);
  #film = byId('practice-film', HTMLVideoElement);
  /** Where the keyboard waits while there is nothing to tap. */
  #title = byId('practice-title');

  /** @param {{showroom: string, seconds: number}} config */
  constructor({ showroom, seconds }) {
    this.seconds = seconds;
    this.query = new URLSearchParams({ showroom });
    /** @type {any} the relay's keeper speaks to the server by HTTP here */
    const line = { send: (/** @type {string} */ _, /** @type {object} */ payload) => this.#offer(payload), recycle() {} };
    this.relay = new RelayKeeper(line, ['audio', 'video'], { voices: 0, pictures: 0 });
    this.relay.on('link', (link) => link && this.#stage === 'connecting' && this.#record());
    this.#capture.on('track', ({ kind, track }) => {
      if (kind === 'video') this.#own.srcObject = track && new MediaStream([track]);
      this.relay.setTrack(kind, track);
    });
    new Coach(
      this.#own,
      this.#capture,
      () => (this.#stage === 'recording' ? this.#address('/stills') : ''),
      (hint) => this.#remarks.push({ at: this.#passed, hint }),
    );
    byId('practice-start').addEventListener('click', () => this.#start());
    byId('practice-stop').addEventListener('click', () => this.#finish());
    byId('practice-erase').addEventListener('click', () => this.#erase());
    addEventListener('pagehide', () => this.#id && post(this.#address('/end'), {}, true));
    this.#go('ready');
  }

  get #passed() {
    return (performance.now() - this.#began) / 1000;
  }

  #address(path = '') {
    return `/advisor/practice/${this.#id}${path}?${this.query}`;
  }

  async #start() {
    this.#complain('');
    this.#remarks = [];
    this.#go('connecting');
    const [error] = await this.#capture.open('audio', 'video');
    if (error) return this.#fail(t(error.remedy));
    const begun = await this.#begin();
    if (!begun.ok) return this.#fail(refusal(begun));
    this.#id = begun.practice;
    this.relay.follow({ relay: { turn: 1 }, ice: begun.ice, sending: true, picture: false });
    this.#timer = setTimeout(() => this.#fail(t('practice.no_line')), CONNECT_MS);
  }

  /** A media worker that starts anew is back within seconds. */
  async #begin() {
    const until = performance.now() + CONNECT_MS;
    for (;;) {
      const begun = await post(`/advisor/practice?${this.query}`, {});
      if (begun.code !== 'try_again' || performance.now() > until) return begun;
      await pause(AGAIN_MS);
    }
  }

  async #offer(/** @type {object} */ payload) {
    const answer = await post(this.#address('/offer'), payload);
    if (!answer.ok) throw new Refused(answer.code, answer.message);
    return answer;
  }

  #record() {
    clearTimeout(this.#timer);
    this.#began = performance.now();
    this.#go('recording');
    this.#tick();
  }

  #tick() {
    const left = Math.max(0, this.seconds - this.#passed);
    say(byId('practice-left'), clock(Math.ceil(left) * 1000));
    byId('practice-bar', HTMLProgressElement).value = 1 - left / this.seconds;
    if (left === 0) this.#finish();
    else this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  async #finish() {
    if (this.#stage !== 'recording') return;
    this.#let();
    this.#go('making');
    const ended = await post(this.#address('/end'), {});
    if (!ended.ok) return this.#fail(refusal(ended));
    const until = performance.now() + PATIENCE_MS;
    while (performance.now() < until) {
      const found = await get(this.#address());
      if (found.state === 'ready') return this.#watch(found.address);
      if (found.state === 'empty') return this.#fail(t('practice.empty'));
      if (found.code === 'not_found') return this.#lose();
      await pause(ASK_MS);
    }
    this.#fail(t('practice.too_long'));
  }

  #watch(/** @type {string} */ address) {
    this.#film.src = address;
    this.#go('watch');
    this.#film.play().catch(() => {});
    this.#film.focus();
  }

  async #erase() {
    const gone = await post(this.#address('/erase'), {});
    if (!gone.ok && gone.code !== 'not_found') return this.#complain(refusal(gone));
    this.#id = '';
    this.#go('ready');
    say(byId('practice-lead'), t('practice.erased'));
    byId('practice-start').focus();
  }

  #fail(/** @type {string} */ text) {
    this.#let();
    if (this.#id) post(this.#address('/end'), {});
    this.#id = '';
    this.#go('ready');
    this.#complain(text);
  }

  /** It is deleted, from another page: there is nothing to end, or to wait for. */
  #lose() {
    this.#id = '';
    this.#fail(t('practice.gone'));
  }

  /** Let go of the line and the devices. */
  #let() {
    clearTimeout(this.#timer);
    this.relay.drop();
    this.#capture.closeAll();
  }

  #complain(/** @type {string} */ text) {
    say(byId('practice-error'), text);
    show(byId('practice-error'), text !== '');
  }

  #go(/** @type {Stage} */ stage) {
    // Asked first: what is hidden loses the keyboard at once.
    const place = document.activeElement;
    this.#stage = stage;
    byId('main').dataset.stage = stage;
    const films = stage === 'connecting' || stage === 'recording';
    const watches = stage === 'watch';
    if (!watches) this.#film.removeAttribute('src');
    show(this.#film, watches);
    show(this.#own, films);
    show(byId('practice-left'), stage === 'recording');
    show(byId('practice-bar'), stage === 'recording');
    show(byId('practice-start'), stage === 'ready' || watches);
    show(byId('practice-stop'), stage === 'recording');
    show(byId('practice-erase'), watches);
    show(byId('practice-remarks'), watches);
    say(byId('practice-start-text'), t(watches ? 'practice.again' : 'practice.start'));
    const words = { ready: 'lead', connecting: 'connecting', recording: 'recording', making: 'making', watch: 'watch' };
    say(byId('practice-lead'), t(`practice.${words[stage]}`));
    const silent = stage === 'recording' || watches;
    say(byId('practice-word'), silent ? '' : t(`practice.word.${stage}`));
    if (watches) this.#showRemarks();
    this.#keepPlace(place);
  }

  /** Whoever goes by keyboard, and tapped what has gone, goes on at what took its place. */
  #keepPlace(/** @type {Element | null} */ place) {
    if (place !== this.#title && !place?.closest('[hidden]')) return;
    const buttons = ['practice-stop', 'practice-start'].map((id) => byId(id));
    (buttons.find((button) => !button.hidden) ?? this.#title).focus({ preventScroll: true });
  }

  #showRemarks() {
    const rows = this.#remarks.map(({ at, hint }) => {
      const row = copyOf('remark-template');
      say(part(row, 'time'), clock(Math.floor(at) * 1000));
      say(part(row, 'text'), t(`advisor.coach.${hint}`));
      row.addEventListener('click', () => {
        this.#film.currentTime = Math.max(0, at - 2);
        this.#film.play().catch(() => {});
      });
      return row;
    });
    byId('remarks').replaceChildren(...rows);
    show(byId('remarks'), rows.length > 0);
    show(byId('remarks-none'), rows.length === 0);
  }
}

const config = dataBlock('config');
setUpShowrooms(config);
new Practice(config);
