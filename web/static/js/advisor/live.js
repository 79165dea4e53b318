// @ts-check
/** The advisor's live view: the own camera fills the screen, as the customer sees it. */
import { Chat } from '../chat.js';
import { Company } from '../company.js';
import { byId, say, show, toggle } from '../dom.js';
import { keepFitting } from '../fit.js';
import { Album } from '../photo/album.js';
import { Playback } from '../playback.js';
import { Pointer } from '../pointer.js';
import { QualityMeter, expectedFrom } from '../quality.js';
import { RecordingDesk } from '../recording.js';
import { RelayLink } from '../relay_link.js';
import { Steady, rungLine } from '../rung_line.js';
import { watchScene } from '../scene.js';
import { makeMovable } from '../self_view.js';
import { Voices } from '../voices.js';
import { WakeLock } from '../wakelock.js';
import { clock, languageName, refusal, t } from '../words.js';
import { Coach } from './coach.js';
import { Lens } from './lens.js';
import { remember } from './memory.js';
import { PhotoTaker } from './photo.js';
import { Remedy } from './remedy.js';
import { stageWord } from './stage_word.js';
import { Tools } from './tools.js';
import { Transfer } from './transfer.js';

const GLANCE_MS = 500;
const KINDS = /** @type {const} */ (['audio', 'video']);
/** What repeats by itself, so that nobody needs to hear that it failed once. */
const REPEATS = new Set(['quality', 'media_state', 'point']);

/** @typedef {import('../wire').AdvisorCall} AdvisorCall */

export class Live {
  /** @type {AdvisorCall | null} */
  #call = null;
  #wakeLock = new WakeLock();
  #steady = new Steady();
  #poor = false;

  /**
   * @param {import('../signalling.js').Signalling} signalling
   * @param {import('../keeper.js').Keeper} keeper
   * @param {import('../capture.js').Capture} capture
   * @param {any} config the page's data block
   */
  constructor(signalling, keeper, capture, config) {
    this.signalling = signalling;
    this.keeper = keeper;
    this.capture = capture;
    const remote = byId('customer-video', HTMLVideoElement);
    this.playback = new Playback(remote, (blocked) => show(byId('tap-for-sound'), blocked));
    this.company = new Company(signalling);
    this.recording = new RecordingDesk(signalling, 'advisor');
    this.album = new Album(signalling, 'advisor');
    this.chat = new Chat(signalling, 'advisor', byId('tools'), (photo) => this.album.open(photo));
    this.tools = new Tools(
      config,
      this.chat,
      (event, payload) => this.#send(event, payload),
      (notes) => signalling.send('save_notes', { notes }),
    );
    this.remedy = new Remedy(capture);
    this.transfer = new Transfer(signalling);
    this.lens = new Lens(capture);
    const own = byId('own-video', HTMLVideoElement);
    this.photo = new PhotoTaker({
      signalling,
      keeper,
      capture,
      video: own,
      showroom: config.showroom,
      complain: (text) => this.remedy.say(text),
    });
    this.query = new URLSearchParams({ showroom: config.showroom });
    this.coach = new Coach(own, capture, () => this.#filmed());
    const pointer = new Pointer(own, byId('marks'), (point) => this.#send('point', point));
    signalling.on('pointed', ({ by, x, y }) => pointer.mark(by, { x, y }));
    signalling.on('connected', () => this.#call && this.#tellMedia());
    this.meter = new QualityMeter(
      (sample) => this.#call && this.#send('quality', sample),
      (poor) => (this.#poor = poor),
    );
    this.voices = new Voices();
    keeper.on('shown', (link) => {
      this.playback.attach(link?.remote ?? null);
      this.voices.attach(link instanceof RelayLink ? link.voices : []);
      this.meter.follow(link);
    });
    keeper.on('picture', () => this.#call && this.#tellMedia());
    watchScene(own, () => this.lens.zoomed, (scene) => keeper.look(scene));
    this.#setUpCapture(own);
    this.#setUpControls();
    makeMovable(remote);
    keepFitting(own);
    setInterval(() => this.#glance(), GLANCE_MS);
  }

  follow(/** @type {AdvisorCall} */ call) {
    if (!this.#call) this.#enter();
    const asked = this.#call?.call === call.call && this.#call.transfer_to;
    if (asked && !call.transfer_to) this.remedy.say(t('advisor.live.not_taken', { name: asked }));
    this.#call = call;
    this.album.follow(call);
    this.photo.follow(call);
    this.chat.follow(call);
    this.company.follow(call);
    this.recording.follow(call);
    this.meter.expect(expectedFrom(call.held, call.customer));
    this.tools.follow(call);
    this.playback.quieten(call.held);
    toggle(byId('hold'), !call.held, t(`advisor.live.${call.held ? 'resume' : 'hold'}`));
    byId('transfer', HTMLButtonElement).disabled = call.transfer_to !== null;
    document.title = t('advisor.live.page_title');
    this.#glance();
  }

  leave() {
    if (!this.#call) return;
    this.company.leave();
    this.recording.leave();
    this.tools.notes.leave();
    this.album.leave();
    this.photo.leave();
    this.#call = null;
    this.#wakeLock.keep(false);
    this.transfer.close();
    this.remedy.hide();
    this.coach.hide();
  }

  #enter() {
    this.#wakeLock.keep(true);
    byId('end-call', HTMLButtonElement).disabled = false;
    this.remedy.showDevices();
    this.#tellMedia();
  }

  #setUpCapture(/** @type {HTMLVideoElement} */ own) {
    this.capture
      .on('track', ({ kind, track }) => {
        if (kind === 'video') own.srcObject = track && new MediaStream([track]);
      })
      .on('change', () => {
        this.#showSwitches();
        if (this.#call) this.#tellMedia();
      });
    this.#showSwitches();
  }

  #setUpControls() {
    byId('microphone').addEventListener('click', () => this.#switch('audio'));
    byId('camera').addEventListener('click', () => this.#switch('video'));
    byId('switch-camera').addEventListener('click', () => this.#nextCamera());
    byId('hold').addEventListener('click', () => this.#send(this.#call?.held ? 'resume' : 'hold'));
    byId('end-call', HTMLButtonElement).addEventListener('click', (event) => {
      const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
      button.disabled = true;
      this.tools.notes.flush();
      this.#send('end_call').then((done) => (button.disabled = done));
    });
  }

  /** @param {'audio' | 'video'} kind */
  async #switch(kind) {
    if (this.capture.track(kind)) this.capture.enable(kind, !this.capture.isOn(kind));
    else await this.capture.open(kind);
    if (!this.#call) return;
    const off = KINDS.filter((one) => this.capture.track(one) && !this.capture.isOn(one));
    remember(this.#call.call, { off });
  }

  async #nextCamera() {
    const button = byId('switch-camera', HTMLButtonElement);
    button.disabled = true;
    try {
      await this.capture.switchCamera();
    } catch (error) {
      const name = /** @type {Error} */ (error).name;
      this.remedy.say(
        t(name === 'NotFoundError' ? 'advisor.live.one_camera' : 'advisor.live.switch_failed'),
      );
    } finally {
      button.disabled = false;
    }
  }

  #showSwitches() {
    const microphone = this.capture.isOn('audio');
    const camera = this.capture.isOn('video');
    toggle(byId('microphone'), microphone, t(`call.microphone_${microphone ? 'off' : 'on'}`));
    toggle(byId('camera'), camera, t(`call.camera_${camera ? 'off' : 'on'}`));
    this.lens.show();
  }

  /** The call whose picture the customer should see well now; '' when there is none to coach. */
  #filmed() {
    const call = this.#call;
    const shows = call && !call.held && this.capture.media.camera && this.keeper.health === 'up';
    const line = !this.#poor && this.signalling.connected;
    return shows && line ? `/advisor/calls/${call.call}/stills?${this.query}` : '';
  }

  #tellMedia() {
    this.#send('media_state', { ...this.capture.media, ...this.keeper.picture });
  }

  #glance() {
    const call = this.#call;
    if (!call) return;
    const online = this.signalling.connected;
    const devices = { audio: this.#device('audio'), video: this.#device('video') };
    const word = stageWord({ call, health: this.keeper.health, online, devices });
    const block = byId('stage-word');
    show(block, word !== null);
    if (word) {
      say(byId('stage-word-title'), t(`advisor.word.${word}`));
      say(byId('stage-word-text'), t(`advisor.word.${word}.text`));
    }
    const remote = byId('customer-video');
    remote.dataset.on = String(Boolean(call.customer?.camera));
    say(byId('timer'), call.live_at ? clock(this.signalling.now() - call.live_at) : '');
    say(
      byId('customer-name'),
      [call.vehicle?.name, languageName(call.language)].filter(Boolean).join(' · '),
    );
    say(byId('customer-state'), customerState(call));
    const line = this.#line(call, online);
    say(byId('call-line'), line);
    show(byId('call-line'), Boolean(line));
  }

  /** @param {AdvisorCall} call @param {boolean} online */
  #line(call, online) {
    const sends = this.capture.isOn('video') && !call.held;
    const own = sends ? rungLine(this.keeper.picture, 'advisor') : '';
    const picture = this.#steady.say(own, performance.now());
    if (call.transfer_to) return t('advisor.live.transferring', { name: call.transfer_to });
    if (!online) return t('common.reconnecting');
    if (picture) return picture;
    return this.#poor || call.customer?.quality === 'poor' ? t('advisor.live.poor') : '';
  }

  /** @param {import('../capture.js').Kind} kind @returns {import('./stage_word.js').Device} */
  #device(kind) {
    if (this.capture.isLost(kind)) return 'lost';
    return this.capture.isOn(kind) ? 'on' : 'off';
  }

  /** Send a message, and say so if it was refused. Returns whether it was taken. */
  async #send(/** @type {string} */ event, payload = {}) {
    try {
      await this.signalling.send(event, payload);
      return true;
    } catch (error) {
      const refused = /** @type {import('../signalling.js').Refused} */ (error);
      if (!REPEATS.has(event) && this.#call) this.remedy.say(refusal(refused));
      return false;
    }
  }
}

/** What the customer can do right now, and how their line is. */
function customerState(/** @type {AdvisorCall} */ { customer }) {
  if (!customer) return '';
  if (!customer.present) return t('advisor.customer.gone');
  if (customer.paused) return t('advisor.customer.paused');
  const what = customer.camera ? 'camera' : customer.microphone ? 'microphone' : 'watching';
  const quality = customer.quality ? ` · ${t(`common.quality.${customer.quality}`)}` : '';
  return t(`advisor.customer.${what}`) + quality;
}
