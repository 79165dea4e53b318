// @ts-check
/**
 * The advisor's photo: asked for or not, one tap takes it, and it goes out beside the picture.
 *
 * What was begun in a page that is gone can be taken again: then it is the same photo.
 */
import { byId, say, show } from '../dom.js';
import { encode, takeStill } from '../photo/still.js';
import { estimateOf, posting, Upload } from '../photo/upload.js';
import { paceOf } from '../photo/pace.js';
import { refusal, t } from '../words.js';

const NEWS_MS = 5000;

/** @typedef {'idle' | 'wanted' | 'taking' | 'sending' | 'waiting'} Stage */

export class PhotoTaker {
  #bar = byId('photo-bar');
  /** @type {import('../wire').AdvisorCall | null} */
  #call = null;
  /** @type {'taking' | 'sending' | 'waiting' | null} what this page is doing */
  #doing = null;
  /** @type {{call: string, upload: Upload | null} | null} the photo that it is about, and its call */
  #job = null;
  #share = 0;
  #news = '';
  #clearing = 0;

  /**
   * @param {{
   *   signalling: import('../signalling.js').Signalling,
   *   keeper: import('../keeper.js').Keeper,
   *   capture: import('../capture.js').Capture,
   *   video: HTMLVideoElement,
   *   showroom: string,
   *   complain: (text: string) => void,
   * }} ways
   */
  constructor(ways) {
    this.ways = ways;
    byId('photo-take').addEventListener('click', () => this.#take());
    for (const id of ['photo-decline', 'photo-stop']) {
      byId(id).addEventListener('click', () => this.#callOff());
    }
  }

  follow(/** @type {import('../wire').AdvisorCall} */ call) {
    // A photo of the last call stops, and is in nobody's way.
    if (this.#job && this.#job.call !== call.call) this.#drop(this.#job);
    this.#call = call;
    this.#show();
  }

  leave() {
    this.#call = null;
  }

  async #take() {
    const { capture, signalling, video } = this.ways;
    const track = capture.track('video');
    const call = this.#call;
    if (this.#doing || !call) return;
    if (!track || !capture.isOn('video') || capture.isLost('video') || !video.videoWidth) {
      return this.ways.complain(t('photo.no_camera'));
    }
    const job = (this.#job = { call: call.call, upload: null });
    this.#set(job, 'taking');
    let begun = false;
    try {
      const { photo } = await signalling.send('take_photo');
      begun = true;
      const still = await takeStill(track, video);
      const jpeg = await encode(still, paceOf({ estimate: await this.#estimate(), measured: null }));
      still.close();
      if (job === this.#job) await this.#send(job, photo, jpeg);
    } catch (error) {
      const { code } = /** @type {import('../signalling.js').Refused} */ (error);
      this.#failed(job, code ? refusal({ code }) : t('photo.failed'), begun);
    } finally {
      this.#drop(job);
    }
  }

  /** @param {{call: string, upload: Upload | null}} job @param {string} photo @param {Blob} jpeg */
  async #send(job, photo, jpeg) {
    const query = new URLSearchParams({ showroom: this.ways.showroom });
    this.#share = 0;
    this.#set(job, 'sending');
    const upload = (job.upload = new Upload(jpeg, {
      post: posting(`/advisor/calls/${job.call}/photos/${photo}?${query}`, jpeg.size),
      estimate: () => this.#estimate(),
      progress: (share) => {
        if (job === this.#job) this.#share = share;
        this.#set(job, 'sending');
      },
      waits: () => this.#set(job, 'waiting'),
    }));
    const refused = await upload.run();
    if (job !== this.#job) return;
    // A photo that was called off by this side needs no word.
    if (refused && refused.code !== 'not_found') this.#failed(job, refusal(refused), true);
    else if (!refused && this.#share === 1) this.#tell(t('photo.sent'));
  }

  /** Say so, and take it back; a call that is over has no photo to take back. */
  #failed(/** @type {{call: string}} */ job, /** @type {string} */ text, /** @type {boolean} */ begun) {
    if (job.call !== this.#call?.call) return;
    this.ways.complain(text);
    if (begun) this.ways.signalling.send('cancel_photo').catch(() => {});
  }

  #callOff() {
    this.#job?.upload?.stop();
    this.ways.signalling.send('cancel_photo').catch((error) => this.ways.complain(refusal(error)));
  }

  #estimate() {
    return estimateOf(this.ways.keeper.shown?.connection);
  }

  /** @param {object} job @param {'taking' | 'sending' | 'waiting'} doing */
  #set(job, doing) {
    if (job !== this.#job) return;
    this.#doing = doing;
    this.#show();
  }

  /** Done with it, or with its call. */
  #drop(/** @type {{upload: Upload | null}} */ job) {
    job.upload?.stop();
    if (job !== this.#job) return;
    this.#job = this.#doing = null;
    this.#show();
  }

  /** Say something for a while. @param {string} text */
  #tell(text) {
    clearTimeout(this.#clearing);
    this.#news = text;
    if (text) this.#clearing = setTimeout(() => this.#tell(''), NEWS_MS);
    this.#show();
  }

  #show() {
    /** @type {Stage} */
    const stage = this.#doing ?? (this.#call?.photo ? 'wanted' : 'idle');
    this.#bar.dataset.stage = stage;
    show(byId('photo-take'), stage === 'idle' || stage === 'wanted');
    show(byId('photo-decline'), stage === 'wanted');
    show(byId('photo-stop'), stage === 'sending' || stage === 'waiting');
    const percent = Math.floor(this.#share * 100);
    const texts = {
      idle: this.#news,
      wanted: t('photo.wanted'),
      taking: t('photo.being_taken'),
      sending: t('photo.sending', { n: percent }),
      waiting: t('photo.waiting'),
    };
    say(byId('photo-line'), texts[stage]);
    show(byId('photo-line'), Boolean(texts[stage]));
  }
}
