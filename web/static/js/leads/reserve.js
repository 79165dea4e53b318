// @ts-check
/** Keeping a car for a customer at their dealer: one tap, a code, and the page that has it. */
import { dateOf } from '../booking/days.js';
import { byId, get, part, post, say, show, showRows } from '../dom.js';
import { refusal, t } from '../words.js';

/** @typedef {import('../lead/lead').Lead} Lead */
/**
 * A car that is kept; `last_day` is a date by the dealer's clock.
 * @typedef {{id: string, code: string, state: string, ordered: boolean, vehicle: string,
 *   dealer: string, last_day: string, link: string}} Reservation
 */

export class Reserve {
  #form = byId('reserve', HTMLFormElement);
  #vehicle = byId('reserve-vehicle', HTMLSelectElement);
  #page = byId('reserve-page', HTMLAnchorElement);
  #lead = '';

  /**
   * @param {{showroom: string, vehicles: Record<string, string>, on_show: string[]}} desk
   * @param {() => void} changed called when a car is kept, or free again
   */
  constructor(desk, changed) {
    this.desk = desk;
    this.changed = changed;
    for (const slug of desk.on_show) this.#vehicle.add(new Option(desk.vehicles[slug], slug));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#give();
    });
  }

  /** Show what is kept for a lead; offer it for an open one, with the car that they wish. */
  offer(/** @type {Lead} */ lead) {
    show(this.#form, lead.due_at !== null);
    if (lead.id !== this.#lead) {
      this.#lead = lead.id;
      const wished = lead.vehicles.find((car) => this.desk.on_show.includes(car.slug));
      if (wished) this.#vehicle.value = wished.slug;
      this.#say('', '');
      say(byId('reserved-problem'), '');
      this.#draw([]);
    }
    this.#look();
  }

  async #look() {
    const lead = this.#lead;
    const answer = await get(this.#url(`leads/${encodeURIComponent(lead)}/reservations`));
    if (lead !== this.#lead) return;
    if (answer.ok) this.#draw(answer.reservations);
    else say(byId('reserved-problem'), refusal(answer));
  }

  #draw(/** @type {Reservation[]} */ kept) {
    show(byId('reserved'), kept.length > 0);
    showRows(byId('reserved-list'), kept, 'reserved-template', (row, one) => {
      const vehicle = this.desk.vehicles[one.vehicle] ?? one.vehicle;
      const given = one.state === 'given';
      say(part(row, 'what'), t('leads.reserved.what', { vehicle, dealer: one.dealer, code: one.code }));
      say(part(row, 'state'), t(`leads.reserved.${one.ordered ? 'ordered' : one.state}`));
      const day = dateOf(Date.parse(one.last_day), 'UTC');
      say(part(row, 'until'), given ? t('leads.reserved.until', { day }) : '');
      part(row, 'page', HTMLAnchorElement).href = one.link;
      show(part(row, 'end'), given);
      say(part(row, 'ask'), t('leads.reserved.cancel', { vehicle }));
      part(row, 'cancel').onclick = () => this.#callOff(one.id);
    });
  }

  async #callOff(/** @type {string} */ id) {
    const lead = this.#lead;
    const answer = await post(this.#url(`reservations/${encodeURIComponent(id)}/cancel`), {});
    this.changed();
    if (lead !== this.#lead) return;
    this.#say('', '');
    say(byId('reserved-problem'), answer.ok ? '' : refusal(answer));
  }

  async #give() {
    if (this.#form.getAttribute('aria-busy') === 'true') return;
    this.#form.setAttribute('aria-busy', 'true');
    const lead = this.#lead;
    const answer = await post(this.#url('reservations'), { lead, vehicle: this.#vehicle.value });
    this.#form.removeAttribute('aria-busy');
    if (lead !== this.#lead) return;
    if (!answer.ok) {
      const key = `leads.reserve.no_${answer.field}`;
      return this.#say(t(key) === key ? refusal(answer) : t(key), '');
    }
    const { code, last_day: last, link } = answer.reservation;
    this.#say('', t('leads.reserve.done', { code, when: dateOf(Date.parse(last), 'UTC') }), link);
    this.changed();
  }

  #say(/** @type {string} */ problem, /** @type {string} */ done, link = '') {
    say(byId('reserve-problem'), problem);
    say(byId('reserve-done'), done);
    show(this.#page, Boolean(link));
    this.#page.href = link;
  }

  #url(/** @type {string} */ what) {
    return `/advisor/${what}?${new URLSearchParams({ showroom: this.desk.showroom })}`;
  }
}
