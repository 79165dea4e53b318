// @ts-check
/** The queue: where one stands, how long it takes, what comes next, and the way out. */
import { byId, pictureUrl, say, show } from '../dom.js';
import { count, moment, refusal, t, waitInWords } from '../words.js';
import { expected } from './expected.js';

export class Waiting {
  #leave = byId('leave', HTMLButtonElement);
  #call = '';
  #zone;
  #leaveQueue;
  /** @type {Promise<import('./vigil.js').Vigil> | null} */
  #vigil = null;

  /**
   * @param {() => Promise<unknown>} leave throws `Refused`
   * @param {{zone: string, vehicles: import('../wire').Vehicle[]}} config the page's data block
   */
  constructor(leave, config) {
    this.#zone = config.zone;
    this.#leaveQueue = leave;
    // Who chose no car sees the range's first one.
    this.fallback = config.vehicles[0]?.picture ?? '';
    this.#leave.addEventListener('click', async () => {
      this.#leave.disabled = true;
      this.complain('');
      try {
        await leave();
      } catch (error) {
        const refused = /** @type {import('../signalling.js').Refused} */ (error);
        // The call has gone on: its next state is on the way, and shows where to.
        if (refused.code !== 'illegal_move') this.complain(refusal(refused));
      } finally {
        this.#leave.disabled = false;
      }
    });
  }

  /** Say what went wrong, or clear it. */
  complain(/** @type {string} */ text) {
    byId('waiting-error').textContent = text;
    show(byId('waiting-error'), Boolean(text));
    // The words move the button down; the next tap needs it in sight.
    if (text) this.#leave.scrollIntoView({ block: 'nearest' });
  }

  follow(/** @type {import('../wire').CustomerCall} */ call) {
    if (call.call !== this.#call) this.complain('');
    this.#call = call.call;
    const ringing = call.state === 'ringing';
    const visit = expected(call.call);
    // Where nobody came to it, a visit promises nothing more than a place in the queue does.
    const promise = visit && !visit.missed && !ringing ? visit : null;
    const title = titleOf(call, ringing, promise);
    say(byId('waiting-title'), title);
    say(byId('waiting-lead'), promise ? leadOfVisit(promise) : leadOf(call, ringing));
    this.#watch(visit);
    byId('step-queue').dataset.state = ringing ? 'done' : 'now';
    byId('step-ring').dataset.state = ringing ? 'now' : 'next';
    show(byId('offer'), Boolean(call.queue?.offer_call_back) && !visit);
    this.#car(call.vehicle);
    document.title = title;
  }

  /** Watch over a booked visit; everybody else's page is spared the code for it. */
  #watch(/** @type {import('./expected.js').Expected | null} */ visit) {
    if (visit) {
      this.#vigil ??= import('./vigil.js').then(
        ({ Vigil }) => new Vigil(this.#zone, this.#leaveQueue),
      );
    }
    this.#vigil?.then(
      (vigil) => vigil.follow(visit),
      () => (this.#vigil = null), // the line was away: the next state tries again
    );
  }

  /** @param {import('../wire').Card | null} vehicle */
  #car(vehicle) {
    const picture = byId('waiting-picture', HTMLImageElement);
    const path = vehicle?.picture ?? this.fallback;
    const url = path && pictureUrl(path);
    if (url && picture.getAttribute('src') !== url) picture.src = url;
    show(picture, Boolean(path));
    say(byId('waiting-car'), vehicle ? `${vehicle.name} ${vehicle.version}` : '');
  }
}

/**
 * @param {import('../wire').CustomerCall} call
 * @param {boolean} ringing
 * @param {import('./expected.js').Expected | null} visit
 */
function titleOf(call, ringing, visit) {
  if (visit?.advisor) return t('customer.expected.title', { advisor: visit.advisor });
  if (visit) return t('customer.expected.anyone');
  if (ringing) return t('customer.waiting.ringing');
  const position = call.queue?.position ?? 1;
  return position === 1
    ? t('customer.waiting.next')
    : t('customer.waiting.position', { n: position });
}

/** @param {import('./expected.js').Expected} visit */
function leadOfVisit(visit) {
  if (visit.starts_at <= Date.now()) return t('customer.expected.now');
  return t('customer.expected.early', { time: moment(visit.starts_at) });
}

/** @param {import('../wire').CustomerCall} call @param {boolean} ringing */
function leadOf(call, ringing) {
  if (ringing) return t('customer.waiting.ringing_lead');
  const wait = waitInWords(call.queue?.expected_wait ?? null);
  const ahead = (call.queue?.position ?? 1) - 1;
  return ahead
    ? `${count('customer.waiting.ahead', ahead)} ${t('customer.waiting.expected', { wait })}`
    : t('customer.waiting.expected', { wait });
}
