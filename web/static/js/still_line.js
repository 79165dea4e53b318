// @ts-check
/** Both directions of stills on one connection: sent while nothing moves, shown while none come. */
import { StillTrack } from './still_track.js';
import { StillSender, receiveStills } from './stills.js';

const LABEL = 'stills';

export class StillLine {
  /** @type {StillSender | null} */
  #sender = null;
  #on = false;
  #expected = false;
  #shown;
  /** @type {ImageBitmap | null} one that came before the word that stills come */
  #early = null;

  /**
   * @param {RTCPeerConnection} pc before its first negotiation
   * @param {object} options
   * @param {boolean} options.offers this side makes the first offer, and so the channel
   * @param {MediaStream} options.remote what the other side sends
   * @param {() => MediaStreamTrack | null} options.camera
   * @param {() => number} options.spare bit/s that stills may take
   */
  constructor(pc, { offers, remote, camera, spare }) {
    this.#shown = new StillTrack(remote);
    const take = (/** @type {RTCDataChannel} */ channel) => {
      receiveStills(channel, (still) => this.#came(still));
      this.#sender = new StillSender(channel, camera, spare);
      this.#sender.turn(this.#on);
    };
    if (offers) take(pc.createDataChannel(LABEL));
    else pc.ondatachannel = ({ channel }) => channel.label === LABEL && !this.#sender && take(channel);
  }

  /** Send stills from now on, or none. */
  send(/** @type {boolean} */ on) {
    this.#on = on;
    this.#sender?.turn(on);
  }

  /** Whether the other side says that it sends stills: only then they take the picture's place. */
  expect(/** @type {boolean} */ expected) {
    this.#expected = expected;
    if (!expected) this.#shown.clear();
    else if (this.#early) this.#came(this.#early);
    if (!expected) this.#early = null;
  }

  close() {
    this.send(false);
    this.#shown.clear();
  }

  #came(/** @type {ImageBitmap} */ still) {
    if (this.#expected) this.#shown.show(still);
    this.#early = this.#expected ? null : still;
  }
}
