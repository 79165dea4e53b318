// @ts-check
/** Keeping a car for a customer at their dealer: one tap, a code, and the page that has it. */
import { byId, post, say, show } from '../dom.js';
import { moment, refusal, t } from '../words.js';

/** @typedef {import('../lead/lead').Lead} Lead */

export class Reserve {
  #form = byId('reserve', HTMLFormElement);
  #vehicle = byId('reserve-vehicle', HTMLSelectElement);
  #page = byId('reserve-page', HTMLAnchorElement);
  #lead = '';

  /**
   * @param {{showroom: string, zone: string, vehicles: Record<string, string>}} desk
   * @param {() => void} given called when a car is kept
   */
  constructor(desk, given) {
    this.desk = desk;
    this.given = given;
    for (const [slug, name] of Object.entries(desk.vehicles)) this.#vehicle.add(new Option(name, slug));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#give();
    });
  }

  /** Offer it for an open lead, with the car that they wish. */
  offer(/** @type {Lead} */ lead) {
    show(this.#form, lead.due_at !== null);
    if (lead.id === this.#lead) return;
    this.#lead = lead.id;
    const wished = lead.vehicles.find((car) => car.slug in this.desk.vehicles);
    if (wished) this.#vehicle.value = wished.slug;
    this.#say('', '');
  }

  async #give() {
    if (this.#form.getAttribute('aria-busy') === 'true') return;
    this.#form.setAttribute('aria-busy', 'true');
    const lead = this.#lead;
    const query = new URLSearchParams({ showroom: this.desk.showroom });
    const answer = await post(`/advisor/reservations?${query}`, { lead, vehicle: this.#vehicle.value });
    this.#form.removeAttribute('aria-busy');
    if (lead !== this.#lead) return;
    if (!answer.ok) {
      const key = `leads.reserve.no_${answer.field}`;
      return this.#say(t(key) === key ? refusal(answer) : t(key), '');
    }
    const { code, expires_at: until, link } = answer.reservation;
    this.#say('', t('leads.reserve.done', { code, when: moment(until, this.desk.zone) }), link);
    this.given();
  }

  #say(/** @type {string} */ problem, /** @type {string} */ done, link = '') {
    say(byId('reserve-problem'), problem);
    say(byId('reserve-done'), done);
    show(this.#page, Boolean(link));
    this.#page.href = link;
  }
}
