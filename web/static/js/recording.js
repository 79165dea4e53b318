// @ts-check
/**
 * A recording of the call, on both sides' pages: who asks, who agrees, and a sign for as long as it
 * runs. One tap stops it; another one deletes what there is, as long as there is anything; after the
 * call `recording_kept.js` does.
 */
import { byId, say, show } from './dom.js';
import { RecordingSign } from './recording_sign.js';
import { refusal, t } from './words.js';

// What appears under a finger does not take its second tap.
const REST_MS = 500;

/** @typedef {import('./wire').Recording} Recording */

export class RecordingDesk {
  #sign = new RecordingSign();
  /** @type {Recording | null} */
  #before = null;
  #call = '';
  #resting = 0;

  /**
   * @param {import('./signalling.js').Signalling} signalling
   * @param {import('./wire').Side} side who taps here
   */
  constructor(signalling, side) {
    this.signalling = signalling;
    this.side = side;
    byId('record').addEventListener('click', () => this.#send('record', {}));
    byId('recording-agree').addEventListener('click', () => this.#answer(true));
    byId('recording-refuse').addEventListener('click', () => this.#answer(false));
    byId('recording-cancel').addEventListener('click', () => this.#stop(false));
    byId('recording-stop').addEventListener('click', () => this.#stop(false));
    byId('recording-erase').addEventListener('click', () => this.#stop(true));
    byId('recording-close').addEventListener('click', () => show(byId('recording-over'), false));
  }

  /** Bring the page in line with the call. */
  follow(/** @type {import('./wire').Call} */ call) {
    const recording = call.state === 'live' ? call.recording : null;
    this.#sign.follow(recording, call.now);
    const state = recording?.state ?? 'off';
    const mine = recording?.by === this.side;
    if (state !== (this.#before?.state ?? '')) this.#rest();
    show(byId('record'), Boolean(recording?.allowed) && state === 'off');
    show(byId('recording-stop'), state === 'on');
    // Also after a reload, and while somebody else takes the call over: it goes by what there is.
    show(byId('recording-erase'), state === 'off' && Boolean(call.recording?.erasable));
    show(byId('recording-asked'), state === 'asked' && mine);
    show(byId('recording-question'), state === 'asked' && !mine);
    if (call.call !== this.#call) show(byId('recording-over'), false);
    else this.#tellEnd(recording);
    this.#call = call.call;
    this.#before = recording;
  }

  leave() {
    this.#call = '';
    this.#before = null;
    this.#sign.follow(null, 0);
    for (const id of ['record', 'recording-stop', 'recording-erase', 'recording-asked', 'recording-question', 'recording-over'])
      show(byId(id), false);
  }

  #rest() {
    const buttons = ['record', 'recording-erase'].map((id) => byId(id, HTMLButtonElement));
    for (const button of buttons) button.disabled = true;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => buttons.forEach((button) => (button.disabled = false)), REST_MS);
  }

  /** Say once how it ended. @param {Recording | null} recording */
  #tellEnd(recording) {
    const before = this.#before;
    if (!recording || recording.state !== 'off') return show(byId('recording-over'), false);
    const news = before && (before.state !== 'off' || before.over !== recording.over);
    if (!news || !recording.over) return;
    this.#notice(t(`recording.over.${recording.over}`));
  }

  #notice(/** @type {string} */ text) {
    say(byId('recording-over-text'), text);
    show(byId('recording-over'), true);
  }

  #answer(/** @type {boolean} */ yes) {
    this.#send('consent_recording', { yes });
  }

  #stop(/** @type {boolean} */ erase) {
    this.#send('stop_recording', { erase });
  }

  /** @param {string} event @param {object} payload */
  async #send(event, payload) {
    try {
      await this.signalling.send(event, payload);
    } catch (error) {
      const { code } = /** @type {import('./signalling.js').Refused} */ (error);
      this.#notice(code === 'too_many' ? t('recording.asked_enough') : refusal({ code }));
    }
  }
}
