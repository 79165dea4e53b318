// @ts-check
/** Customers to call: one tap to phone, one to take it on or give it back, one when it is done. */
import { byId, part, show, showRows } from '../dom.js';
import { languageName, moment, refusal, t } from '../words.js';

/** @typedef {import('../wire').FollowUp} FollowUp */

export class FollowUps {
  /**
   * @param {(event: string, payload: object) => Promise<unknown>} send
   * @param {(text: string) => void} complain
   * @param {import('../wire').Vehicle[]} vehicles
   * @param {boolean} manages whether they may give back what a colleague has
   */
  constructor(send, complain, vehicles, manages) {
    this.send = send;
    this.complain = complain;
    this.manages = manages;
    this.names = new Map(vehicles.map((car) => [car.id, car.name]));
  }

  /** Show the list. @param {FollowUp[]} items */
  follow(items) {
    showRows(byId('follow-ups'), items, 'follow-up-template', (row, item) => this.#fill(row, item));
    byId('follow-ups-count').textContent = items.length ? String(items.length) : '';
    show(byId('follow-ups-none'), items.length === 0);
  }

  /** @param {HTMLElement} row @param {FollowUp} item */
  #fill(row, item) {
    const reachable = item.phone !== null;
    const foreign = item.taken_by !== null && !item.mine;
    part(row, 'name').textContent = item.name || t('advisor.follow_ups.unknown');
    part(row, 'what').textContent = [
      t(`advisor.follow_ups.${item.kind}`),
      moment(item.at),
      item.vehicle && (this.names.get(item.vehicle) ?? item.vehicle),
      languageName(item.language),
      foreign && item.phone,
    ]
      .filter(Boolean)
      .join(' · ');
    const by = item.mine
      ? t('advisor.follow_ups.mine')
      : item.taken_by && t('advisor.follow_ups.taken', { name: item.taken_by });
    part(row, 'by').textContent = by || '';
    show(part(row, 'by'), Boolean(by));

    const phone = part(row, 'phone', HTMLAnchorElement);
    show(phone, reachable && !foreign);
    if (item.phone) phone.href = `tel:${item.phone}`;
    part(row, 'number').textContent = item.phone ?? '';
    phone.onclick = (event) => {
      if (item.mine) return;
      event.preventDefault();
      this.#phone(item, phone);
    };
    const finish = part(row, 'finish', HTMLButtonElement);
    show(finish, !foreign);
    finish.onclick = () => this.#tell('finish_follow_up', item, finish);
    const release = part(row, 'release', HTMLButtonElement);
    if (document.activeElement === release && item.taken_by === null) finish.focus();
    show(release, item.taken_by !== null && (item.mine || this.manages));
    release.onclick = () => this.#tell('release_follow_up', item, release);
    const take = part(row, 'take', HTMLButtonElement);
    // What has the keyboard and goes hands it on.
    if (document.activeElement === take && item.mine) finish.focus();
    show(take, reachable && item.taken_by === null);
    take.onclick = () => this.#tell('take_follow_up', item, take);
  }

  /** First take it, then phone: of two who tap together, one must not phone. */
  async #phone(/** @type {FollowUp} */ item, /** @type {HTMLAnchorElement} */ link) {
    if (await this.#tell('take_follow_up', item, link)) location.assign(`tel:${item.phone}`);
  }

  /**
   * Send a message, and say so if it was refused. Returns whether it was taken.
   *
   * @param {string} event
   * @param {FollowUp} item
   * @param {HTMLElement} from
   */
  async #tell(event, item, from) {
    from.setAttribute('aria-busy', 'true');
    try {
      await this.send(event, { follow_up: item.id });
      this.complain('');
      return true;
    } catch (error) {
      this.complain(refusal(/** @type {any} */ (error)));
      return false;
    } finally {
      from.removeAttribute('aria-busy');
    }
  }
}
