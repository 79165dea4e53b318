// @ts-check
/** Campaigns that run, or ended within a week: each can go on for some days by one tap. */
import { byId, part, say, show, showRows } from '../dom.js';
import { locale, t } from '../words.js';

const DAY_MS = 24 * 3600 * 1000;

/** @typedef {{name: string, first: string, last: string, from: string}} Campaign */

/** @param {Campaign[]} campaigns @param {import('./orders.js').Orders} orders */
export function showCampaigns(campaigns, orders) {
  show(byId('campaigns-part'), campaigns.length > 0);
  const items = campaigns.map((one) => ({ ...one, id: `${one.first} ${one.name}` }));
  showRows(byId('campaigns'), items, 'campaign-template', (row, one) => {
    say(part(row, 'name'), one.name);
    const over = one.from !== one.last;
    say(part(row, 'until'), t(over ? 'manager.campaign.over' : 'manager.campaign.until', { day: day(one.last) }));
    const days = part(row, 'days', HTMLInputElement);
    days.setAttribute('aria-label', t('manager.campaign.days', { name: one.name }));
    const button = part(row, 'extend', HTMLButtonElement);
    button.setAttribute('aria-label', `${button.textContent}: ${one.name}`);
    button.onclick = () => {
      if (!days.reportValidity()) return;
      const last = new Date(Date.parse(one.from) + days.valueAsNumber * DAY_MS);
      const until = last.toISOString().slice(0, 10);
      orders.extend(one, until, t('manager.campaign.extended', { name: one.name, day: day(until) }));
    };
  });
}

/** A date as people say it. @param {string} date */
function day(date) {
  const options = /** @type {const} */ ({ day: 'numeric', month: 'long', timeZone: 'UTC' });
  return new Date(`${date}T12:00:00Z`).toLocaleDateString(locale, options);
}
