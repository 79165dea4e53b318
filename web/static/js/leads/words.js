// @ts-check
/** A lead, and what happened to it, in words. */
import { clock, count, dayOf, languageName, locale, moment, money, t } from '../words.js';
import { dueState } from './due.js';

/** @typedef {import('../lead/lead').Lead} Lead */
/** @typedef {import('../lead/lead').LeadEvent} LeadEvent */
/** @typedef {import('../lead/lead').Touch} Touch */
/** @typedef {{zone: string, vehicles: Record<string, string>, advisors: {id: string, name: string, cares: boolean}[]}} Place */

/** What comes with an event and is told below it. */
const TOLD = ['reason', 'note', 'comment'];
const DAY_MS = 24 * 3600 * 1000;
const WEEK_MS = 7 * DAY_MS;

export const nameOf = (/** @type {Lead} */ lead) => lead.contact.name || t('leads.unnamed');

/** A car, as people call it. @param {Place} place */
function carName({ vehicles }, /** @type {import('../lead/lead').WishedVehicle} */ car) {
  const name = vehicles[car.slug] ?? car.slug;
  return [name, car.version, car.configuration].filter(Boolean).join(', ');
}

const wishName = (/** @type {string} */ wish) => t(`lead.wish.${wish}`);

/** The cars and the wishes in one line. @param {Lead} lead @param {Place} place */
export function whatOf(lead, place) {
  const cars = lead.vehicles.map((car) => place.vehicles[car.slug] ?? (car.slug || car.configuration));
  return [cars.join(', '), lead.wishes.map(wishName).join(', ')].filter(Boolean).join(' · ');
}

/** When it is due; empty for a closed one. @param {Lead} lead @param {number} now @param {string} zone */
export function dueInWords(lead, now, zone) {
  const state = dueState(lead, now, zone);
  if (!state || lead.due_at === null) return '';
  const due = Date.parse(lead.due_at);
  if (state === 'later') return t('leads.due.later', { when: dayName(due - 1, now, zone) });
  const timed = state === 'overdue' || dayOf(due, zone) === dayOf(now, zone);
  return t(`leads.due.${timed ? state : 'day'}`, { when: moment(due, zone) });
}

/** A day to come, `Thursday`, with the date where that could be another. */
function dayName(/** @type {number} */ ms, /** @type {number} */ now, /** @type {string} */ zone) {
  const date = /** @type {const} */ ({ day: 'numeric', month: 'long' });
  const far = ms - now > WEEK_MS - DAY_MS;
  return new Date(ms).toLocaleDateString(locale, { timeZone: zone, weekday: 'long', ...(far && date) });
}

/**
 * All that is known of what somebody wants, as terms and what they say.
 *
 * @param {Lead} lead
 * @param {Place} place
 * @param {string} dealer the dealer's name
 * @returns {[string, string][]}
 */
export function factsOf(lead, place, dealer) {
  const { trade_in: car, budget, campaign } = lead;
  const traded = car && [
    [car.make, car.model].filter(Boolean).join(' '),
    car.year && String(car.year),
    car.mileage !== null && car.mileage.toLocaleString(locale, { style: 'unit', unit: 'kilometer' }),
    car.condition && t(`lead.condition.${car.condition}`),
    car.registration,
  ];
  /** @type {[string, string | null | undefined | false][]} */
  const facts = [
    ['vehicles', lead.vehicles.map((one) => carName(place, one)).join('; ')],
    ['wishes', lead.wishes.map(wishName).join(', ')],
    ['trade_in', traded && traded.filter(Boolean).join(', ')],
    ['horizon', lead.horizon && t(`lead.horizon.${lead.horizon}`)],
    ['budget', budget && money(budget.amount, budget.currency || 'EUR')],
    ['financing', lead.financing],
    ['dealer', dealer && t(lead.dealer?.chosen ? 'leads.dealer.chosen' : 'leads.dealer.near', { dealer })],
    ['postcode', lead.contact.postcode],
    ['language', lead.contact.language && languageName(lead.contact.language)],
    ['campaign', touchName(campaign.first)],
    ['campaign_last', touchName(campaign.last) === touchName(campaign.first) ? '' : touchName(campaign.last)],
  ];
  return facts.flatMap(([name, text]) => (text ? [[t(`leads.fact.${name}`), text]] : []));
}

function touchName(/** @type {Touch | null} */ touch) {
  return touch ? [touch.source, touch.medium, touch.name].filter(Boolean).join(' / ') : '';
}

/**
 * What happened, who did it, and what they said about it.
 *
 * @param {LeadEvent} event
 * @param {Place} place
 * @returns {{what: string, told: string}}
 */
export function eventInWords(event, place) {
  const { kind, data } = event;
  const others = /** @type {Record<string, string>} */ ({
    customer: t('common.side.customer'),
    store: t('leads.by.store'),
  });
  const by = event.by_name || others[event.by];
  const key = `leads.event.${kind}`;
  const known = t(key, values(data, place));
  // A newer server may know more kinds of events than this page.
  const what = known === key ? kind.replaceAll('_', ' ') : known;
  const told = TOLD.map((name) => data[name]).find((text) => typeof text === 'string' && text);
  return { what: by ? t('leads.event.by', { what, by }) : what, told: String(told ?? '') };
}

/** What stands in the gaps of an event's words. @param {Record<string, unknown>} data @param {Place} place */
function values(data, place) {
  const at = data.due_at ?? data.starts_at;
  const owner = place.advisors.find((one) => one.id === data.owner);
  return {
    when: typeof at === 'number' ? moment(at, place.zone) : '',
    name: owner?.name ?? t('leads.owner.none'),
    wish: typeof data.wish === 'string' ? wishName(data.wish) : '',
    outcome: typeof data.outcome === 'string' ? t(`common.outcome.${data.outcome}`) : t('leads.no_outcome'),
    talked: clock(Number(data.duration_s ?? 0) * 1000),
    vehicle: place.vehicles[String(data.vehicle)] ?? String(data.vehicle ?? ''),
    stars: count('leads.stars', Number(data.stars ?? 0)),
    score: Number(data.score ?? 0),
  };
}
