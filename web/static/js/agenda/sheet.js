// @ts-check
/** One visit in a sheet: who comes, when, for what, how to reach them, and how it stands. */
import { byId, fact, part, say, show } from '../dom.js';
import { dayOf, languageName, t } from '../words.js';
import { fullDate, stateOf, timeSpan } from './words.js';

/** @typedef {import('./agenda').Visit} Visit */

export class VisitSheet {
  dialog = byId('visit', HTMLDialogElement);
  /** The visit that is open. @type {Visit | null} */
  visit = null;

  /** @param {{zone: string, vehicles: Record<string, string>}} place */
  constructor(place) {
    this.place = place;
    this.dialog.addEventListener('close', () => (this.visit = null));
  }

  /** @param {Visit} visit @param {number} now the server's time */
  open(visit, now) {
    this.fill(visit, now);
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** @param {Visit} visit @param {number} now */
  fill(visit, now) {
    this.visit = visit;
    const { zone } = this.place;
    const state = stateOf(visit, now);
    const time = timeSpan(visit.starts_at, visit.ends_at, zone);
    say(byId('visit-when'), `${fullDate(dayOf(visit.starts_at, zone))}, ${time}`);
    say(byId('visit-title'), visit.name);
    say(byId('visit-state'), t(`agenda.state.${state}`));
    byId('visit-state').dataset.state = state;
    this.#reach('visit-phone', visit.phone, `tel:${visit.phone}`);
    // RFC 6068, 2: only the sign between name and host stays as it is.
    const address = encodeURIComponent(visit.email ?? '').replace('%40', '@');
    this.#reach('visit-email', visit.email, `mailto:${address}`);
    byId('visit-facts').replaceChildren(...this.#facts(visit).map(([k, v]) => fact(k, v)));
    say(byId('visit-wish'), visit.wish);
    show(byId('visit-wish'), Boolean(visit.wish));
  }

  #reach(/** @type {string} */ id, /** @type {string | null} */ text, /** @type {string} */ href) {
    const link = byId(id, HTMLAnchorElement);
    show(link, Boolean(text));
    link.href = href;
    say(part(link, 'text'), text ?? '');
  }

  /** @returns {[string, string][]} */
  #facts(/** @type {Visit} */ visit) {
    const car = visit.vehicle && (this.place.vehicles[visit.vehicle] ?? visit.vehicle);
    const host = visit.advisor_name;
    /** @type {[string, string | null][]} */
    const facts = [
      [t('agenda.fact.advisor'), visit.named && host ? t('agenda.fact.named', { host }) : host],
      [t('agenda.fact.vehicle'), car ?? t('agenda.fact.vehicle.open')],
      [t('agenda.fact.language'), languageName(visit.language)],
      [t('agenda.fact.mail'), visit.mail_returned ? t('agenda.fact.mail.returned') : null],
    ];
    return /** @type {[string, string][]} */ (facts.filter(([, value]) => Boolean(value)));
  }
}

