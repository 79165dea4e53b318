// @ts-check
/** The sign that says that a call is recorded, and for how long: for everybody who is in it. */
import { byId, say, show } from './dom.js';
import { clock } from './words.js';

const SECOND_MS = 1000;

/** @typedef {import('./wire').Recording} Recording */

export class RecordingSign {
  #began = 0;

  constructor() {
    setInterval(() => this.#tell(), SECOND_MS);
  }

  /** @param {Recording | null} recording @param {number} now the server's time */
  follow(recording, now) {
    const since = recording?.state === 'on' ? recording.since : null;
    this.#began = since === null ? 0 : Date.now() - (now - since);
    show(byId('recording-sign'), since !== null);
    this.#tell();
  }

  #tell() {
    if (this.#began) say(byId('recording-time'), clock(Math.max(0, Date.now() - this.#began)));
  }
}
