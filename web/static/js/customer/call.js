// @ts-check
/**
 * What only a call needs: the peer connection and the live view. It is loaded with the first tap
 * or state of a call, so that the landing page stays light.
 */
import { Keeper } from '../keeper.js';
import { Live } from './live.js';

const TALKS = new Set(['connecting', 'live']);

export class Room {
  #keeper;
  #live;

  /** @param {import('../signalling.js').Signalling} signalling */
  constructor(signalling) {
    this.#keeper = new Keeper(signalling, 'customer');
    this.#live = new Live(signalling, this.#keeper);
  }

  /** Bring connection and view in line with the call. */
  follow(/** @type {import('../wire').CustomerCall} */ call) {
    this.#keeper.follow(call);
    if (TALKS.has(call.state)) this.#live.follow(call);
    else this.#live.leave();
  }

  /** Show a photo of a call that is over. @param {string} photo its id */
  openPhoto(/** @type {import('../wire').CustomerCall} */ call, photo) {
    this.#live.album.follow(call);
    this.#live.album.open(photo);
  }

  /** Let go of everything. */
  leave() {
    this.#keeper.drop();
    this.#live.leave();
  }
}
