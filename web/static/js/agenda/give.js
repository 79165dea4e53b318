// @ts-check
/** Giving a visit to another advisor, at the same time; the server says who can and why not. */
import { byId, get, post, say, show } from '../dom.js';
import { refusal, t } from '../words.js';

/** @typedef {import('./agenda').Visit} Visit */
/** @typedef {import('./agenda').Taker} Taker */

/** Only what has not begun changes hands. */
export const movable = (/** @type {Visit} */ visit) => visit.state === 'booked';

export class Giving {
  #asked = 0;

  /**
   * @param {import('./agenda').Config} config
   * @param {(visit: Visit, to: string) => void} given called when a visit has changed hands
   */
  constructor(config, given) {
    this.config = config;
    this.given = given;
  }

  /** Who else could receive a visit; nobody when that can't be found out. @returns {Promise<Taker[]>} */
  async takers(/** @type {Visit} */ visit) {
    const answer = await get(this.#url(visit, 'takers'));
    return answer.takers ?? [];
  }

  /** Give a visit on. @returns {Promise<string>} what is in the way, in words; empty: it is done */
  async give(/** @type {Visit} */ visit, /** @type {string} */ to, /** @type {string} */ name) {
    const answer = await post(this.#url(visit, 'advisor'), { advisor: to });
    if (answer.ok) {
      say(byId('agenda-said'), t('agenda.given', { visit: visit.name, name }));
      this.given(visit, to);
      return '';
    }
    if (answer.obstacle) return t(`agenda.obstacle.${answer.obstacle}`, { name });
    if (answer.code === 'illegal_move') return t('agenda.obstacle.over');
    return answer.code === 'slot_taken' ? t('agenda.obstacle.busy', { name }) : refusal(answer);
  }

  /** Fill the sheet's part. */
  async offer(/** @type {Visit} */ visit) {
    const asked = ++this.#asked;
    show(byId('give'), movable(visit));
    this.#complain('');
    byId('give-list').replaceChildren();
    if (!movable(visit)) return;
    say(byId('give-line'), t('agenda.give.looking'));
    const takers = await this.takers(visit);
    if (asked !== this.#asked) return;
    const free = takers.some((one) => !one.obstacle);
    say(byId('give-line'), t(free ? 'agenda.give.line' : 'agenda.give.nobody'));
    const sorted = [...takers].sort((a, b) => Number(!!a.obstacle) - Number(!!b.obstacle));
    byId('give-list').replaceChildren(...sorted.map((one) => this.#item(visit, one)));
  }

  #item(/** @type {Visit} */ visit, /** @type {Taker} */ { id, name, obstacle }) {
    const item = document.createElement('li');
    if (obstacle) {
      item.className = 'give__not muted';
      item.textContent = t(`agenda.obstacle.${obstacle}`, { name });
      return item;
    }
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button button--small button--quiet button--wide';
    button.textContent = t('agenda.give.to', { name });
    button.addEventListener('click', async () => {
      button.setAttribute('aria-busy', 'true');
      const problem = await this.give(visit, id, name);
      if (!problem) return;
      await this.offer(visit);
      this.#complain(problem);
    });
    item.append(button);
    return item;
  }

  #complain(/** @type {string} */ text) {
    say(byId('give-error'), text);
    show(byId('give-error'), Boolean(text));
  }

  #url(/** @type {Visit} */ visit, /** @type {string} */ what) {
    const query = new URLSearchParams({ showroom: this.config.showroom });
    return `${this.config.base}/visits/${encodeURIComponent(visit.id)}/${what}?${query}`;
  }
}
