// @ts-check
/**
 * The page's line to the server: one Socket.IO socket, WebSocket only, one namespace a role.
 *
 * The contract is `signaling/PROTOCOL.md`. Every message is acknowledged; the full state comes
 * with every connect, so nothing here remembers what was missed.
 */
import { io } from '../vendor/socket.io.esm.min.js';
import { Emitter } from './emitter.js';
import { newId } from './ids.js';
import { onNetworkChange } from './network.js';
import { isNarrow, knownRate } from './start_bitrate.js';

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 3000;
const ANSWER_MS = 8000;
/** States that carry the server's clock. */
const TIMED = new Set(['call_state', 'joined_state', 'floor_state']);
/** Refusals of a connection that time may mend. */
const PASSING = new Set(['try_again', 'too_many', 'crashed']);

/** The server said no. `code` is one of the protocol's, or `no_answer`. */
export class Refused extends Error {
  /**
   * @param {string} code
   * @param {string} [message]
   * @param {number} [retryAfter] seconds, where the server knows them
   */
  constructor(code, message = '', retryAfter = 0) {
    super(message || code);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** @extends {Emitter<import('./wire').Pushes>} */
export class Signalling extends Emitter {
  #socket;
  #everConnected = false;
  /** Set once another page has this seat, or the session is over: then nothing retries. */
  #finished = false;
  #retry = 0;
  /** The newest state seen of a call: an older one that arrives late is dropped. */
  #newest = { call: '', version: -1 };
  /** How far this device's clock is ahead of the server's, in milliseconds. */
  #ahead = 0;

  /**
   * @param {'customer' | 'advisor' | 'companion' | 'manager'} role
   * @param {string} showroom the slug
   */
  constructor(role, showroom) {
    super();
    this.#socket = io(`/${role}`, {
      transports: ['websocket'],
      // Made once for each loaded document, and kept when the socket reconnects.
      auth: { showroom, page: newId() },
      query: isNarrow(knownRate()) ? { narrow: 1 } : {},
      autoConnect: false,
      forceNew: true,
      reconnectionDelay: FIRST_RETRY_MS,
      reconnectionDelayMax: LAST_RETRY_MS,
      randomizationFactor: 0.5,
      timeout: 5000,
    });
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on('disconnect', (reason) => this.#disconnected(reason));
    this.#socket.on('connect_error', (error) => this.#notConnected(error));
    this.#socket.onAny((event, payload) => this.#pushed(event, payload));
    onNetworkChange((change) => {
      if (change === 'moved') this.recycle();
    });
    // A page that the browser kept in its back/forward cache has lost its connections for good.
    addEventListener('pageshow', (event) => event.persisted && location.reload());
  }

  get connected() {
    return this.#socket.connected;
  }

  /** The time by the server's clock, in milliseconds since the epoch. */
  now() {
    return Date.now() - this.#ahead;
  }

  /** Open the line, or open it anew so that a cookie set in between is carried. */
  connect() {
    this.#finished = false;
    clearTimeout(this.#retry);
    this.#socket.disconnect();
    this.#socket.connect();
  }

  /** Close the line for good. */
  close() {
    this.#finished = true;
    clearTimeout(this.#retry);
    this.#socket.disconnect();
  }

  /** Drop a line that may be dead without knowing it; it comes back after about 200 ms. */
  recycle() {
    if (this.#finished) return;
    if (this.#socket.connected) {
      this.#socket.io.engine?.close();
    } else {
      // Closing first cuts the back-off short: up to three seconds of black picture.
      this.#socket.disconnect();
      this.#socket.connect();
    }
  }

  /**
   * Send a message and return its acknowledgement.
   *
   * @param {string} event
   * @param {object} [payload]
   * @param {number} [wait] milliseconds until the answer counts as missing
   * @returns {Promise<any>}
   * @throws {Refused} with the server's code, or `no_answer`
   */
  async send(event, payload = {}, wait = ANSWER_MS) {
    let answer;
    try {
      answer = await this.#socket.timeout(wait).emitWithAck(event, payload);
    } catch {
      throw new Refused('no_answer');
    }
    if (!answer?.ok) throw new Refused(answer?.code, answer?.message, answer?.retry_after);
    return answer;
  }

  #connected() {
    const again = this.#everConnected;
    this.#everConnected = true;
    this.emit('connected', { again });
  }

  /** @param {string} reason as Socket.IO words it */
  #disconnected(reason) {
    if (this.#finished) return;
    // We hung up ourselves in order to come back with a new cookie.
    if (reason === 'io client disconnect') return;
    this.emit('disconnected', null);
    // The library doesn't come back when the server hung up; a node that is drained does that.
    if (reason === 'io server disconnect') this.#connectLater(FIRST_RETRY_MS);
  }

  /** @param {Error & {data?: import('./wire').Refusal}} error */
  #notConnected(error) {
    if (this.#finished || this.#socket.active) return;
    const refusal = error.data ?? { code: 'try_again', message: error.message };
    if (PASSING.has(refusal.code)) {
      this.emit('disconnected', null);
      this.#connectLater((refusal.retry_after ?? LAST_RETRY_MS / 1000) * 1000);
    } else {
      this.emit('refused', refusal);
    }
  }

  /** @param {number} delay milliseconds, spread so that thousands don't come back at once */
  #connectLater(delay) {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#socket.connect(), delay * (0.5 + Math.random()));
  }

  /**
   * @param {string} event
   * @param {any} payload
   */
  #pushed(event, payload) {
    if (event === 'replaced' || event === 'signed_out') this.close();
    if (event === 'call_state' || event === 'joined_state') {
      if (payload.call === this.#newest.call && payload.version < this.#newest.version) return;
      this.#newest = { call: payload.call, version: payload.version };
    }
    if (TIMED.has(event)) this.#ahead = Date.now() - payload.now;
    this.emit(/** @type {any} */ (event), payload);
  }
}
