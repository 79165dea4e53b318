// @ts-check
/**
 * A manager in a call: listens, whispers to the advisor, speaks to all, or takes it over. Both sides
 * are told by the server in the moment in which it happens.
 */
import { Capture } from '../capture.js';
import { byId, say, show } from '../dom.js';
import { stageWord } from '../joined_word.js';
import { onNetworkChange } from '../network.js';
import { Playback } from '../playback.js';
import { expectedFrom } from '../quality.js';
import { RecordingSign } from '../recording_sign.js';
import { RelayKeeper } from '../relay_keeper.js';
import { Voices } from '../voices.js';
import { clock, refusal, t } from '../words.js';

/** The advisor, the customer and two companions; the advisor's picture and the customer's. */
const PLACES = { voices: 4, pictures: 2 };
const MODES = /** @type {const} */ ({ listen: 'nobody', whisper: 'advisor', barge: 'all' });
const GLANCE_MS = 500;

/** @typedef {import('../wire').JoinedCall} JoinedCall */

export class Supervision {
  #sheet = byId('supervision', HTMLDialogElement);
  #capture = new Capture('user');
  #voices = new Voices();
  #sign = new RecordingSign();
  /** @type {JoinedCall | null} */
  #call = null;
  /** The call that is wanted, and how: said again when the socket comes back. */
  #wish = { call: '', mode: /** @type {import('../wire').Voice} */ ('nobody') };

  /**
   * @param {import('../signalling.js').Signalling} signalling
   * @param {string} showroom the slug
   */
  constructor(signalling, showroom) {
    this.signalling = signalling;
    this.showroom = showroom;
    this.relay = new RelayKeeper(signalling, ['audio'], PLACES);
    const video = byId('supervised-video', HTMLVideoElement);
    this.playback = new Playback(video, (blocked) => show(byId('supervised-sound'), blocked));
    this.relay.on('link', (link) => {
      this.playback.attach(link?.remote ?? null);
      this.#voices.attach(link?.voices ?? []);
      const [customer] = link?.pictures ?? [];
      byId('supervised-customer', HTMLVideoElement).srcObject = customer ? new MediaStream([customer]) : null;
    });
    this.#capture
      .on('track', ({ kind, track }) => kind === 'audio' && this.relay.setTrack('audio', track))
      .on('trouble', ({ error }) => this.#say(t(error.remedy)));
    signalling
      .on('joined_state', (state) => this.#follow(state))
      .on('not_in_call', ({ over }) => this.#call && this.#leave(t(`supervision.${over ? 'over' : 'away'}`)))
      .on('connected', ({ again }) => again && this.#wish.call && this.#ask(this.#wish.mode));
    onNetworkChange(() => this.relay.probe());
    for (const [name, mode] of Object.entries(MODES)) {
      byId(`mode-${name}`).addEventListener('click', () => this.#choose(mode));
    }
    byId('take-over').addEventListener('click', () => this.#takeOver());
    this.#sheet.addEventListener('close', () => this.#go());
    setInterval(() => this.#glance(), GLANCE_MS);
  }

  /** Listen to a call. */
  listen(/** @type {string} */ call) {
    this.#wish = { call, mode: 'nobody' };
    this.#say('');
    this.#show();
    if (!this.#sheet.open) this.#sheet.showModal();
    this.#ask('nobody');
  }

  /** The microphone comes first: whoever is announced as speaking is heard. */
  async #choose(/** @type {import('../wire').Voice} */ mode) {
    const { call } = this.#wish;
    if (mode !== 'nobody' && (await this.#capture.open('audio')).length) return;
    // The browser's question may stand there for longer than the call is listened to.
    if (call && call === this.#wish.call) await this.#ask(mode);
  }

  /** Who hears this manager, as far as the server has said. @returns {import('../wire').Voice} */
  get #voice() {
    return this.#call?.me.voice ?? 'nobody';
  }

  async #ask(/** @type {import('../wire').Voice} */ mode) {
    this.#wish.mode = mode;
    try {
      await this.signalling.send('supervise', { call: this.#wish.call, mode });
      this.#say('');
    } catch (error) {
      const { code } = /** @type {import('../signalling.js').Refused} */ (error);
      if (code === 'illegal_move') return this.#leave(t('supervision.over'));
      // All is as it was: nothing else is asked for again, and nobody listens to this room.
      this.#wish.mode = this.#voice;
      if (this.#voice === 'nobody') this.#capture.close('audio');
      this.#say(refusal({ code }));
    }
  }

  async #takeOver() {
    const button = byId('take-over', HTMLButtonElement);
    button.disabled = true;
    try {
      await this.signalling.send('take_over');
      this.#wish.call = '';
      location.assign(`/advisor?${new URLSearchParams({ showroom: this.showroom })}`);
    } catch (error) {
      this.#say(refusal(/** @type {any} */ (error)));
      button.disabled = false;
    }
  }

  #follow(/** @type {JoinedCall} */ state) {
    if (!this.#wish.call) return;
    const spoke = this.#voice !== 'nobody';
    this.#call = state;
    const speaks = this.#voice !== 'nobody';
    const picture = expectedFrom(state.held, state.advisor) === 'all';
    this.relay.follow({ relay: state.relay, ice: state.ice, sending: speaks, picture });
    // Only a change says anything: a state that is older than a tap knows nothing of it.
    if (speaks && !spoke) this.#capture.open('audio');
    if (spoke && !speaks) this.#capture.close('audio');
    this.#show();
  }

  #show() {
    const state = this.#call;
    for (const [name, mode] of Object.entries(MODES)) {
      byId(`mode-${name}`).setAttribute('aria-pressed', String(state?.me.voice === mode));
    }
    byId('take-over', HTMLButtonElement).disabled = state?.state !== 'live';
    this.#sign.follow(state?.recording ?? null, state?.now ?? 0);
    say(byId('supervised-name'), state?.advisor?.name ?? '');
    say(byId('supervised-car'), state?.vehicle?.name ?? '');
    byId('supervised-customer').dataset.on = String(Boolean(state?.customer?.camera));
    this.#glance();
  }

  #glance() {
    if (!this.#sheet.open) return;
    const state = this.#call;
    say(byId('supervised-time'), state?.live_at ? clock(this.signalling.now() - state.live_at) : '');
    const { started, frozen } = this.playback;
    const health = this.relay.link?.health ?? null;
    const word = state ? stageWord({ call: state, health, started, frozen }) : 'connecting';
    say(byId('supervised-word'), word && t(`supervision.word.${word}`));
    show(byId('supervised-word'), word !== '');
  }

  #leave(/** @type {string} */ text) {
    this.#let();
    this.#say(text);
    this.#show();
  }

  #go() {
    if (this.#wish.call) this.signalling.send('leave_call').catch(() => {});
    this.#let();
  }

  #let() {
    this.#wish.call = '';
    this.#call = null;
    this.relay.drop();
    this.#capture.closeAll();
  }

  #say(/** @type {string} */ text) {
    say(byId('supervision-said'), text);
  }
}
