// @ts-check
/** The sheet with somebody's hours and absences; every change shows in the agenda behind it. */
import { zoneName } from '../booking/days.js';
import { byId, get, post, say, show } from '../dom.js';
import { refusal, t } from '../words.js';
import { Absences } from './absences.js';
import { WeekForm } from './week.js';

/** @typedef {import('./agenda').Roster} Roster */

export class RosterSheet {
  #dialog = byId('roster', HTMLDialogElement);
  #base = '';
  #week;
  #absences;

  /** @param {import('./agenda').Config} config @param {() => void} changed */
  constructor(config, changed) {
    this.config = config;
    this.changed = changed;
    this.#week = new WeekForm((hours) => this.#change('hours', { hours }));
    this.#absences = new Absences(
      config.zone,
      (what) => this.#url(what),
      (what, payload) => this.#change(what, payload),
    );
    say(byId('roster-zone'), t('agenda.zone', { zone: zoneName(config.zone, Date.now()) }));
  }

  /**
   * @param {string} base where this person's roster is
   * @param {string} day what an absence is suggested for
   * @param {string} [title]
   */
  async open(base, day, title = t('agenda.roster')) {
    this.#base = base;
    say(byId('roster-title'), title);
    // Nothing can be changed before it is known.
    show(byId('roster-parts'), false);
    this.#dialog.setAttribute('aria-busy', 'true');
    this.#dialog.showModal();
    const answer = await get(this.#url('roster'));
    this.#dialog.removeAttribute('aria-busy');
    say(byId('roster-error'), answer.ok ? '' : refusal(answer));
    show(byId('roster-error'), !answer.ok);
    show(byId('roster-parts'), Boolean(answer.ok));
    if (!answer.ok) return;
    this.#week.show(answer.hours, answer.opening);
    this.#absences.show(answer.absences);
    this.#absences.suggest(day);
  }

  async #change(/** @type {string} */ what, /** @type {object} */ payload) {
    const answer = await post(this.#url(what), payload);
    if (answer.ok) {
      this.#absences.show(answer.absences);
      this.changed();
    }
    return answer;
  }

  #url(/** @type {string} */ what) {
    return `${this.#base}/${what}?${new URLSearchParams({ showroom: this.config.showroom })}`;
  }
}
