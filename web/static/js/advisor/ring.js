// @ts-check
/** The ring: who calls and why, twenty seconds to decide, heard, felt and seen in the tab. */
import { byId, pictureUrl, say, show } from '../dom.js';
import { clock, languageName, t, timeOf } from '../words.js';
import { RingTone } from './ring_tone.js';

/** How long a ring lasts where this device's clock makes no sense. */
const USUAL_MS = 20_000;
const LONGEST_MS = 60_000;
/** The server's word that a ring is over takes this long at most; after that, its line is dead. */
const GRACE_MS = 1500;
const TICK_MS = 250;
const VIBRATE_EVERY = 8;

/** @typedef {import('../wire').AdvisorCall} AdvisorCall */

export class Ring {
  tone = new RingTone();
  /** @type {AdvisorCall | null} */
  #call = null;
  #ticker = 0;
  #ticks = 0;
  #ends = 0;
  #lasts = USUAL_MS;
  /** Its time is up, and nobody has said what came of it. */
  #overdue = false;
  #title = document.title;

  /**
   * @param {(event: 'accept' | 'decline', call: AdvisorCall) => Promise<void>} answer
   * @param {string} zone the showroom's
   */
  constructor(answer, zone) {
    this.zone = zone;
    for (const event of /** @type {const} */ (['accept', 'decline'])) {
      byId(event).addEventListener('click', async () => {
        if (!this.#call) return;
        this.#setDisabled(true);
        this.complain('');
        this.tone.stop();
        await answer(event, this.#call);
        this.#setDisabled(this.#overdue);
      });
    }
  }

  follow(/** @type {AdvisorCall} */ call) {
    const same = this.rings(call);
    this.#call = call;
    // A ring that was given up here and goes on all the same has its line back.
    if (!same || this.#overdue) this.#start(call);
    this.#describe(call);
  }

  /** Whether this ring is still on the screen. */
  rings(/** @type {AdvisorCall} */ call) {
    return this.#call?.call === call.call && this.#call.ring === call.ring;
  }

  /** Let the ring sound, inside a tap or a key; says so where it was silent. */
  async unlock() {
    await this.tone.unlock();
    if (this.#call) this.#sayAudible();
  }

  /** Say why an answer was not taken, or clear it. */
  complain(/** @type {string} */ text) {
    byId('ring-error').textContent = text;
    show(byId('ring-error'), Boolean(text));
  }

  stop() {
    if (!this.#call) return;
    this.#call = null;
    this.#quieten();
  }

  #quieten() {
    clearInterval(this.#ticker);
    this.tone.stop();
    vibrate(0);
    document.title = this.#title;
  }

  /** The line died while it rang: the call has gone on, and an answer would reach nobody. */
  #giveUp() {
    this.#overdue = true;
    this.#quieten();
    this.#setDisabled(true);
    this.complain(t('common.reconnecting'));
  }

  #start(/** @type {AdvisorCall} */ call) {
    const left = (call.ring_until ?? 0) - call.now;
    this.#lasts = left > 0 && left < LONGEST_MS ? left : USUAL_MS;
    this.#ends = performance.now() + this.#lasts;
    this.#ticks = 0;
    this.#overdue = false;
    this.#setDisabled(false);
    this.complain('');
    this.tone.start();
    clearInterval(this.#ticker);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  #describe(/** @type {AdvisorCall} */ call) {
    const car = call.vehicle;
    say(byId('ring-eyebrow'), this.#why(call));
    say(byId('ring-wish'), call.visit?.wish ?? '');
    show(byId('ring-wish'), Boolean(call.visit?.wish));
    say(byId('ring-title'), car ? car.name : t('advisor.ring.no_car'));
    const picture = byId('ring-picture', HTMLImageElement);
    if (car && picture.getAttribute('src') !== pictureUrl(car.picture)) {
      picture.src = pictureUrl(car.picture);
    }
    show(byId('ring-stage'), Boolean(car?.picture));
    show(byId('ring-open'), !car);
    say(byId('ring-language'), languageName(call.language));
    say(byId('ring-waited'), clock(call.waited_ms));
    say(byId('ring-visit'), t(call.repeated ? 'advisor.ring.repeated' : 'advisor.ring.first'));
    this.#sayAudible();
  }

  #sayAudible() {
    say(byId('ring-note'), this.tone.audible ? '' : t('advisor.ring.silent'));
  }

  #why(/** @type {AdvisorCall} */ { transferred_from: giver, visit }) {
    if (giver) return t('advisor.ring.transfer', { name: giver });
    if (!visit) return t('advisor.ring.eyebrow');
    const time = timeOf(visit.starts_at, this.zone);
    return t('advisor.ring.booked', { time, name: visit.name });
  }

  #tick() {
    const left = Math.max(0, this.#ends - performance.now());
    if (this.#ends + GRACE_MS < performance.now()) return this.#giveUp();
    byId('countdown-text', SVGElement).textContent = String(Math.ceil(left / 1000));
    byId('countdown', SVGElement).style.setProperty('--left', String(left / this.#lasts));
    if (this.#ticks % VIBRATE_EVERY === 0) vibrate([400, 150, 400]);
    const flash = this.#ticks % 8 < 4;
    document.title = flash ? `● ${t('advisor.ring.page_title')}` : this.#title;
    this.#ticks++;
  }

  #setDisabled(/** @type {boolean} */ disabled) {
    byId('accept', HTMLButtonElement).disabled = disabled;
    byId('decline', HTMLButtonElement).disabled = disabled;
  }
}

/** Browsers refuse this, and complain, before the first tap on a page. */
export function vibrate(/** @type {number | number[]} */ pattern) {
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(pattern);
}
