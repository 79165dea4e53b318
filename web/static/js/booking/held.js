// @ts-check
/**
 * What this tab holds: a time kept for five minutes, what was typed, and a booking just made.
 * A reload and the Back button find it again; another tab has its own.
 */

/** @typedef {{token: string, starts_at: number, until: number}} Hold `until` on this clock */
/** @typedef {{token: string, starts_at: number, mail: boolean}} Booked */
/** @typedef {{hold: Hold | null, typed: Record<string, string>, booked: Booked | null}} Kept */

export class Held {
  #key;
  /** @type {Kept} */
  #kept = { hold: null, typed: {}, booked: null };

  constructor(/** @type {string} */ showroom) {
    this.#key = `booking:${showroom}`;
    try {
      Object.assign(this.#kept, JSON.parse(sessionStorage.getItem(this.#key) ?? '{}'));
    } catch {
      // Something else's, or storage is switched off: the page begins anew.
    }
  }

  get hold() {
    return this.#kept.hold;
  }

  get typed() {
    return this.#kept.typed;
  }

  get booked() {
    return this.#kept.booked;
  }

  /** Keep a time. `held_until` and `now` are the server's: this device's clock may be wrong. */
  keep(
    /** @type {{token: string, starts_at: number, held_until: number, now: number}} */ answer,
  ) {
    const until = Date.now() + (answer.held_until - answer.now);
    this.#kept.hold = { token: answer.token, starts_at: answer.starts_at, until };
    this.#save();
  }

  type(/** @type {Record<string, string>} */ typed) {
    this.#kept.typed = typed;
    this.#save();
  }

  /** The time is booked: the hold and what was typed are over. */
  book(/** @type {Booked} */ booked) {
    this.#kept = { hold: null, typed: {}, booked };
    this.#save();
  }

  drop() {
    this.#kept.hold = null;
    this.#save();
  }

  #save() {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#kept));
    } catch {
      // Without storage a reload begins anew; everything else works.
    }
  }
}
