// @ts-check
/** The queue: where one stands, how long it takes, what comes next, and the way out. */
import { byId, pictureUrl, say, show } from '../dom.js';
import { count, refusal, t, waitInWords } from '../words.js';

export class Waiting {
  #leave = byId('leave', HTMLButtonElement);
  #call = '';

  /**
   * @param {() => Promise<unknown>} leave throws `Refused`
   * @param {string} fallback the picture of the range's first car, for who chose none
   */
  constructor(leave, fallback) {
    this.fallback = fallback;
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
    const position = call.queue?.position ?? 1;
    const title = ringing
      ? t('customer.waiting.ringing')
      : position === 1
        ? t('customer.waiting.next')
        : t('customer.waiting.position', { n: position });
    say(byId('waiting-title'), title);
    say(byId('waiting-lead'), leadOf(call, ringing));
    byId('step-queue').dataset.state = ringing ? 'done' : 'now';
    byId('step-ring').dataset.state = ringing ? 'now' : 'next';
    show(byId('offer'), Boolean(call.queue?.offer_call_back));
    this.#car(call.vehicle);
    document.title = title;
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

/** @param {import('../wire').CustomerCall} call @param {boolean} ringing */
function leadOf(call, ringing) {
  if (ringing) return t('customer.waiting.ringing_lead');
  const known = call.queue?.expected_wait ?? null;
  const wait = known === null ? 'unknown' : 'expected';
  const ahead = (call.queue?.position ?? 1) - 1;
  const words = [ahead ? count('customer.waiting.ahead', ahead) : ''];
  words.push(t(`customer.waiting.${wait}`, { wait: waitInWords(known) }));
  return words.filter(Boolean).join(' ');
}
