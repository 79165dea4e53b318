// @ts-check
/** The live view of a customer: the car fills the screen, everything else stays at its edges. */
import { permission } from '../able.js';
import { Capture } from '../capture.js';
import { fillCard } from '../card.js';
import { Chat } from '../chat.js';
import { Company } from '../company.js';
import { byId, pictureUrl, say, show, toggle } from '../dom.js';
import { keepFitting } from '../fit.js';
import { Album } from '../photo/album.js';
import { Playback } from '../playback.js';
import { Pointer } from '../pointer.js';
import { QualityMeter, expectedFrom } from '../quality.js';
import { RecordingDesk } from '../recording.js';
import { RelayLink } from '../relay_link.js';
import { Steady, rungLine } from '../rung_line.js';
import { makeMovable } from '../self_view.js';
import { Voices } from '../voices.js';
import { WakeLock } from '../wakelock.js';
import { clock, refusal, t } from '../words.js';
import { Asking } from './asking.js';
import { Invitation } from './invitation.js';
import { Saver } from './saver.js';
import { soundLine, stageWord } from './stage_word.js';

const GLANCE_MS = 500;
const HINT_MS = 6000;
/** By then the advisor's page has said what it sends. */
const SETTLED_MS = 2000;

/** @typedef {import('../wire').CustomerCall} CustomerCall */

export class Live {
  /** @type {CustomerCall | null} */
  #call = null;
  #view = byId('view-live');
  #capture = new Capture('user');
  #wakeLock = new WakeLock();
  #saver = new Saver(() => this.#call && this.#tellMedia());
  #steady = new Steady();
  #closedCard = -1;
  #poor = false;
  #warned = false;
  /** The device whose failure the remedy on the screen mends. */
  #troubled = '';
  #hintUntil = 0;
  /** When this call's present connection was first seen up, as `performance.now()`; 0 before. */
  #upSince = 0;

  /**
   * @param {import('../signalling.js').Signalling} signalling
   * @param {import('../keeper.js').Keeper} keeper
   */
  constructor(signalling, keeper) {
    this.signalling = signalling;
    this.keeper = keeper;
    const video = byId('live-video', HTMLVideoElement);
    this.playback = new Playback(video, (blocked) => show(byId('tap-for-sound'), blocked));
    this.company = new Company(signalling);
    this.recording = new RecordingDesk(signalling, 'customer');
    this.invitation = new Invitation(signalling);
    this.album = new Album(signalling, 'customer');
    this.asking = new Asking(signalling);
    this.chat = new Chat(signalling, 'customer', byId('chat'), (photo) => this.album.open(photo));
    const pointer = new Pointer(video, byId('marks'), (point) => {
      show(byId('point-hint'), false);
      this.#send('point', point);
    });
    signalling.on('pointed', ({ by, x, y }) => pointer.mark(by, { x, y }));
    signalling.on('logged', ({ entry }) => this.#logged([entry]));
    signalling.on('connected', () => this.#call && this.#tellMedia());
    this.meter = new QualityMeter(
      (sample) => this.#send('quality', sample),
      (poor) => (this.#poor = poor),
    );
    this.voices = new Voices();
    keeper.on('shown', (link) => {
      this.#upSince = 0;
      this.playback.attach(link?.remote ?? null);
      this.voices.attach(link instanceof RelayLink ? link.voices : []);
      this.meter.follow(link);
    });
    keeper.on('picture', () => this.#call && this.#tellMedia());
    this.#setUpCapture();
    this.#setUpControls();
    makeMovable(byId('self-view'));
    keepFitting(video);
    setInterval(() => this.#glance(), GLANCE_MS);
  }

  /** Show where the call stands; called with each of its states once it was accepted. */
  follow(/** @type {CustomerCall} */ call) {
    if (!this.#call) this.#enter();
    this.#call = call;
    this.album.follow(call);
    this.asking.follow(call);
    this.chat.follow(call);
    this.company.follow(call);
    this.recording.follow(call);
    this.invitation.follow(call);
    this.meter.expect(expectedFrom(call.held, call.advisor));
    this.#logged(call.log);
    say(byId('advisor-name'), call.advisor?.name ?? '');
    document.title = t('customer.live.page_title', { name: call.advisor?.name ?? '' });
    this.#glance();
  }

  /** Leave the live view and let go of every device. */
  leave() {
    if (!this.#call) return;
    this.#call = null;
    this.#capture.closeAll();
    this.#wakeLock.keep(false);
    this.#saver.leave();
    this.company.leave();
    this.recording.leave();
    this.#hideCard();
    this.album.leave();
    this.#closedCard = -1;
    this.#upSince = 0;
    show(byId('remedy'), false);
    if (document.fullscreenElement) document.exitFullscreen();
  }

  #enter() {
    this.#wakeLock.keep(true);
    this.#hintUntil = performance.now() + HINT_MS;
    byId('hang-up', HTMLButtonElement).disabled = false;
    this.#tellMedia();
    this.#warnOfBlock();
  }

  /** Say how to mend a blocked microphone before somebody speaks into it; once is enough. */
  async #warnOfBlock() {
    if (this.#warned || (await permission('microphone')) !== 'denied') return;
    this.#warned = true;
    this.#say(t('customer.live.blocked'));
  }

  #setUpCapture() {
    const self = byId('self-view', HTMLVideoElement);
    this.#capture
      .on('track', ({ kind, track }) => {
        this.keeper.setTrack(kind, track);
        if (track && kind === this.#troubled) show(byId('remedy'), false);
        if (kind !== 'video') return;
        self.srcObject = track && new MediaStream([track]);
        show(self, Boolean(track));
      })
      .on('change', () => {
        this.#showSwitches();
        if (this.#call) this.#tellMedia();
      })
      .on('trouble', ({ kind, error }) => this.#say(t(error.remedy), kind));
    this.#showSwitches();
  }

  #setUpControls() {
    byId('microphone').addEventListener('click', () => this.#switchMicrophone());
    byId('camera').addEventListener('click', () => {
      if (this.#capture.isOn('video')) this.#capture.close('video');
      else this.#capture.open('video');
    });
    byId('hang-up', HTMLButtonElement).addEventListener('click', (event) => {
      const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
      button.disabled = true;
      this.#send('hang_up').then((done) => (button.disabled = done));
    });
    byId('invite').addEventListener('click', () => this.company.open());
    byId('close-remedy').addEventListener('click', () => show(byId('remedy'), false));
    byId('close-card').addEventListener('click', () => this.#closeCard());
    byId('volume', HTMLInputElement).addEventListener('input', (event) => {
      const slider = /** @type {HTMLInputElement} */ (event.currentTarget);
      this.playback.video.volume = this.voices.volume = Number(slider.value);
    });
    const full = byId('full-screen');
    show(full, document.fullscreenEnabled);
    full.addEventListener('click', () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else this.#view.requestFullscreen();
    });
    document.addEventListener('fullscreenchange', () => {
      const on = Boolean(document.fullscreenElement);
      toggle(full, !on, t(on ? 'customer.live.leave_full_screen' : 'customer.live.full_screen'));
    });
  }

  /** The microphone is asked for on the first tap, and only muted afterwards. */
  async #switchMicrophone() {
    if (!this.#capture.track('audio')) {
      await this.#capture.open('audio');
    } else {
      this.#capture.enable('audio', !this.#capture.isOn('audio'));
    }
  }

  #showSwitches() {
    const microphone = this.#capture.isOn('audio');
    const camera = this.#capture.isOn('video');
    toggle(byId('microphone'), microphone, t(`call.microphone_${microphone ? 'off' : 'on'}`));
    toggle(byId('camera'), camera, t(`call.camera_${camera ? 'off' : 'on'}`));
  }

  #tellMedia() {
    const { media } = this.#capture;
    this.#send('media_state', { ...media, ...this.keeper.picture, saver: this.#saver.wish });
  }

  /** Put the newest card on the screen, unless it was closed. */
  #logged(/** @type {import('../wire').LogEntry[]} */ entries) {
    const last = entries.filter((one) => one.vehicle).at(-1);
    if (!last?.vehicle || last.seq <= this.#closedCard) return;
    this.#view.dataset.card = 'true';
    const card = byId('shown-card');
    fillCard(card, last.vehicle);
    const store = byId('shown-store', HTMLAnchorElement);
    store.search = new URLSearchParams({ vehicle: last.vehicle.id }).toString();
    show(store, last.kind === 'store');
    card.dataset.seq = String(last.seq);
    show(card, true);
  }

  #closeCard() {
    this.#closedCard = Number(byId('shown-card').dataset.seq);
    this.#hideCard();
  }

  #hideCard() {
    this.#view.dataset.card = 'false';
    show(byId('shown-card'), false);
  }

  /** Bring everything that changes by itself up to date. */
  #glance() {
    const call = this.#call;
    if (!call) return;
    const { started, frozen } = this.playback;
    const online = this.signalling.connected;
    const { health } = this.keeper;
    if (health === 'up') this.#upSince ||= performance.now();
    const settled = this.#upSince > 0 && performance.now() - this.#upSince > SETTLED_MS;
    const word = stageWord({ call, health, online, started, frozen, settled });
    this.#showWord(word, call);
    say(byId('timer'), call.live_at ? clock(this.signalling.now() - call.live_at) : '');
    say(byId('advisor-state'), t(call.live_at ? 'customer.live.on_air' : 'customer.live.joining'));
    const line = this.#line(call, online);
    say(byId('call-line'), line);
    show(byId('call-line'), Boolean(line) && word === null);
    if (started && performance.now() > this.#hintUntil) show(byId('point-hint'), false);
  }

  /** @param {CustomerCall} call @param {boolean} online */
  #line(call, online) {
    const { advisor } = call;
    const seen = advisor?.camera && !call.held;
    const picture = this.#steady.say(seen ? rungLine(advisor, 'customer') : '', performance.now());
    if (!online) return t('customer.live.line_lost');
    if (call.transferring) return t('customer.live.transferring');
    const sound = soundLine(advisor) || (this.#poor && !picture ? 'poor' : '');
    return sound ? t(`customer.live.${sound}`) : picture;
  }

  /** @param {string | null} word @param {CustomerCall} call */
  #showWord(word, call) {
    const block = byId('stage-word');
    show(block, word !== null);
    block.dataset.word = word ?? '';
    if (!word) return;
    const name = call.advisor?.name ?? '';
    say(byId('stage-word-title'), t(`customer.word.${word}`, { name }));
    say(byId('stage-word-text'), t(`customer.word.${word}.text`, { name }));
    const car = byId('stage-word-car', HTMLImageElement);
    const path = word === 'connecting' ? call.vehicle?.picture : '';
    if (path && car.getAttribute('src') !== pictureUrl(path)) car.src = pictureUrl(path);
    show(car, Boolean(path));
  }

  /** @param {string} text @param {string} [troubled] the device that it is about */
  #say(text, troubled = '') {
    this.#troubled = troubled;
    byId('remedy-text').textContent = text;
    show(byId('remedy'), true);
  }

  /** Send a message, and say so if it was refused. Returns whether it was taken. */
  async #send(/** @type {string} */ event, payload = {}) {
    try {
      await this.signalling.send(event, payload);
      return true;
    } catch (error) {
      const { code } = /** @type {import('../signalling.js').Refused} */ (error);
      // Samples, marks and media states come again by themselves.
      if (event === 'hang_up' && code !== 'illegal_move') this.#say(refusal({ code }));
      return false;
    }
  }
}
