// @ts-check
/**
 * Sends a photo in paced pieces. A line that breaks is waited for: the piece goes out again, and
 * the server says where to go on.
 */
import { csrfToken } from '../dom.js';
import { pairEstimate } from '../quality.js';
import { pause } from '../time.js';
import { paceOf, pieceOf, restAfter } from './pace.js';

const ANSWER_MS = 20_000;
const RETRY_MS = [500, 1000, 2000, 4000];
/** Refusals that time may mend. */
const PASSING = new Set(['no_answer', 'try_again', 'too_many', 'crashed']);

/**
 * @typedef {{ok: boolean, received: number, code: string, message?: string}} Answer
 * @typedef {(start: number, piece: Blob) => Promise<Answer>} Post
 */

export class Upload {
  #stopped = false;
  /** @type {number | null} bit/s */
  #measured = null;

  /**
   * @param {Blob} photo
   * @param {{
   *   post: Post,
   *   estimate: () => Promise<number | null>,
   *   progress: (share: number) => void,
   *   waits: () => void,
   *   rest?: (ms: number) => Promise<void>,
   *   now?: () => number,
   * }} ways `estimate`: bit/s that media may take; `waits`: the line is away
   */
  constructor(photo, ways) {
    this.photo = photo;
    this.ways = { rest: pause, now: () => performance.now(), ...ways };
  }

  stop() {
    this.#stopped = true;
  }

  /**
   * Send all of it.
   *
   * @returns {Promise<Answer | null>} null when all is there, or why it will never be
   */
  async run() {
    const { size } = this.photo;
    let at = 0;
    let failed = 0;
    while (at < size && !this.#stopped) {
      const pace = paceOf({ estimate: await this.ways.estimate(), measured: this.#measured });
      const piece = this.photo.slice(at, at + pieceOf(pace));
      const began = this.ways.now();
      const answer = await this.ways.post(at, piece);
      const took = this.ways.now() - began;
      if (answer.ok || answer.code === 'conflict') {
        if (answer.ok) this.#measured = (piece.size * 8000) / Math.max(took, 1);
        at = answer.received;
        failed = 0;
        this.ways.progress(at / size);
        await this.ways.rest(restAfter(piece.size, pace, took));
      } else if (PASSING.has(answer.code)) {
        this.ways.waits();
        await this.ways.rest(RETRY_MS[Math.min(failed++, RETRY_MS.length - 1)] ?? 0);
      } else {
        return answer;
      }
    }
    return null;
  }
}

/**
 * Posts pieces to our server.
 *
 * @param {string} url
 * @param {number} size of the whole, in bytes
 * @returns {Post}
 */
export function posting(url, size) {
  return async (start, piece) => {
    try {
      const answer = await fetch(`${url}&start=${start}&size=${size}`, {
        method: 'POST',
        headers: { Accept: 'application/json', 'X-CSRF-Token': csrfToken() },
        body: await piece.arrayBuffer(),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      return await answer.json();
    } catch {
      return { ok: false, received: 0, code: 'no_answer' };
    }
  };
}

/** What congestion control lets media take out, in bit/s; null where nobody knows. */
export async function estimateOf(/** @type {RTCPeerConnection | undefined} */ connection) {
  try {
    return connection ? await pairEstimate(connection) : null;
  } catch {
    return null;
  }
}
