// @ts-check
/** How many leads are due today, told beside the way to the list. */
import { byId, get, say } from '../dom.js';
import { count } from '../words.js';

/**
 * Other advisors, and customers, change the list without a word to this page; and an outcome is with
 * its lead only some seconds after the call.
 */
const LOOK_EVERY_MS = 10_000;

export class DueLeads {
  #timer = 0;

  /** @param {string} showroom */
  constructor(showroom) {
    this.showroom = showroom;
    addEventListener('visibilitychange', () => document.hidden || this.look());
    this.look();
  }

  /** Ask, and ask again in a while. */
  async look() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => document.hidden || this.look(), LOOK_EVERY_MS);
    const query = new URLSearchParams({
      owner: 'ours',
      due: 'today',
      limit: '1',
      showroom: this.showroom,
    });
    const answer = await get(`/advisor/leads/list?${query}`);
    if (!answer.ok) return;
    say(byId('leads-due'), answer.found ? count('advisor.leads.due', answer.found) : '');
  }
}
