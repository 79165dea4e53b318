// @ts-check
/** The customer's wish for a photo: one tap, then what becomes of it. */
import { byId, say, show } from '../dom.js';
import { refusal, t } from '../words.js';

const NEWS_MS = 6000;

export class Asking {
  #button = byId('photo-ask');
  #line = byId('photo-line');
  /** @type {import('../wire').PhotoUnderWay | null} */
  #photo = null;
  #call = '';
  /** @type {Set<string>} the photos that came */
  #came = new Set();
  #share = 0;
  #news = '';
  #clearing = 0;

  /** @param {import('../signalling.js').Signalling} signalling */
  constructor(signalling) {
    this.signalling = signalling;
    this.#button.addEventListener('click', () => this.#send('ask_photo'));
    byId('photo-take-back').addEventListener('click', () => this.#send('cancel_photo'));
    signalling.on('photo_progress', ({ photo, received, size }) => {
      if (photo !== this.#photo?.id) return;
      this.#share = received / size;
      this.#show();
    });
    signalling.on('logged', ({ entry }) => {
      if (entry.photo) this.#came.add(entry.photo.id);
    });
  }

  follow(/** @type {import('../wire').CustomerCall} */ call) {
    const before = call.call === this.#call ? this.#photo : null;
    this.#call = call.call;
    for (const { photo } of call.log) if (photo) this.#came.add(photo.id);
    if (before?.id !== call.photo?.id) this.#share = 0;
    this.#photo = call.photo;
    if (before && !call.photo) this.#ended(before);
    if (call.photo) this.#tell('');
    this.#show();
  }

  /** @param {import('../wire').PhotoUnderWay} photo */
  #ended(photo) {
    if (this.#came.has(photo.id)) this.#tell(t('photo.arrived'));
    else if (photo.state === 'taking') this.#tell(t('photo.not_taken'));
  }

  async #send(/** @type {string} */ event) {
    try {
      await this.signalling.send(event);
    } catch (error) {
      this.#tell(refusal(/** @type {import('../signalling.js').Refused} */ (error)));
    }
  }

  /** Say something for a while. @param {string} text */
  #tell(text) {
    clearTimeout(this.#clearing);
    this.#news = text;
    if (text) this.#clearing = setTimeout(() => this.#tell(''), NEWS_MS);
    this.#show();
  }

  #show() {
    const state = this.#photo?.state;
    show(this.#button, !state);
    show(byId('photo-take-back'), state === 'asked');
    const percent = Math.floor(this.#share * 100);
    const under =
      state === 'asked'
        ? t('photo.asked')
        : state && (percent ? t('photo.arriving', { n: percent }) : t('photo.taking'));
    const text = under || this.#news;
    say(this.#line, text);
    show(this.#line, Boolean(text));
  }
}
