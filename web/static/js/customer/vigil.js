// @ts-check
/**
 * A booked visit in the queue. If nobody comes to it, the page says so and offers the next times,
 * and the place in the queue stays: somebody may still come.
 */
import { nextFree, timeItem } from '../booking/times.js';
import { byId, get, post, say, show } from '../dom.js';
import { refusal } from '../words.js';
import { expect } from './expected.js';

const LOOK_EVERY_MS = 15_000;

/** @typedef {import('./expected.js').Expected} Expected */

/** Watches one booked visit while its customer waits. */
export class Vigil {
  #zone;
  #leave;
  #timer = 0;
  #call = '';
  #busy = false;

  /**
   * @param {string} zone the showroom's
   * @param {() => Promise<unknown>} leave the queue
   */
  constructor(zone, leave) {
    this.#zone = zone;
    this.#leave = leave;
  }

  /** Begin with a call's visit; without one, or with another call, end. */
  follow(/** @type {Expected | null} */ visit) {
    if ((visit?.call ?? '') === this.#call) return;
    this.#call = visit?.call ?? '';
    clearInterval(this.#timer);
    show(byId('apology'), false);
    if (!visit) return;
    const look = () => this.#look(visit);
    this.#timer = setInterval(look, LOOK_EVERY_MS);
    look();
  }

  async #look(/** @type {Expected} */ visit) {
    const answer = await get(`/v/${visit.token}/state`);
    const missed = answer.visit?.state === 'host_no_show';
    if (!missed || !byId('apology').hidden || this.#call !== visit.call) return;
    const free = await nextFree({ slots: `/v/${visit.token}/slots`, zone: this.#zone });
    const pick = (/** @type {number} */ at) => this.#rebook(visit, at);
    const items = free.map((at) => timeItem(at, this.#zone, pick, true));
    byId('apology-times').replaceChildren(...items);
    show(byId('apology'), true);
    expect({ ...visit, missed: true });
  }

  async #rebook(/** @type {Expected} */ visit, /** @type {number} */ at) {
    if (this.#busy) return;
    this.#busy = true;
    const answer = await post(`/v/${visit.token}/rebook`, { starts_at: at });
    this.#busy = false;
    say(byId('apology-error'), answer.ok ? '' : refusal(answer));
    show(byId('apology-error'), !answer.ok);
    if (!answer.ok) return;
    // The new visit stands; the old place in the queue is given back if the line allows it.
    await this.#leave().catch(() => {});
    location.assign(`/v/${answer.token}`);
  }
}
