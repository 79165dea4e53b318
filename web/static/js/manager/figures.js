// @ts-check
/** Today's figures: eight tiles, and how the calls ended. */
import { byId, say, show } from '../dom.js';
import { clock, count, locale, t } from '../words.js';

/**
 * @typedef {object} Figures
 * @property {number} calls
 * @property {number} answered
 * @property {number} abandoned
 * @property {number} missed_rings
 * @property {number | null} waiting_avg_ms
 * @property {number | null} waiting_max_ms
 * @property {number | null} talking_avg_ms
 * @property {number | null} rating_avg
 * @property {number} rating_count
 * @property {Record<string, number>} outcomes
 * @property {string} day
 */

/**
 * What this day of the week had usually come to by now; means over so many `days`.
 *
 * @typedef {{days: number, calls: number, answered: number, abandoned: number, missed_rings: number,
 *   waiting_avg_ms: number | null, talking_avg_ms: number | null, rating_avg: number | null}} Usual
 */

const NOTHING = '–';

/** @param {Figures} figures @param {Usual | null} usual */
export function showFigures(figures, usual) {
  /** @type {Record<string, string>} */
  const tiles = {
    calls: String(figures.calls),
    answered: String(figures.answered),
    abandoned: String(figures.abandoned),
    missed_rings: String(figures.missed_rings),
    waiting_avg: duration(figures.waiting_avg_ms),
    waiting_max: duration(figures.waiting_max_ms),
    talking_avg: duration(figures.talking_avg_ms),
    rating: rating(figures),
  };
  for (const [name, text] of Object.entries(tiles)) byId(`tile-${name}`).textContent = text;
  showUsual(usual);
  const day = new Date(`${figures.day}T12:00:00Z`);
  byId('day').textContent = day.toLocaleDateString(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  });
  showOutcomes(figures.outcomes);
}

function showUsual(/** @type {Usual | null} */ usual) {
  const round = (/** @type {number | null | undefined} */ mean) =>
    mean?.toLocaleString(locale, { maximumFractionDigits: 1 });
  const time = (/** @type {number | null | undefined} */ ms) => ms && clock(ms);
  /** @type {Record<string, string | number | null | undefined>} */
  const means = {
    calls: round(usual?.calls),
    answered: round(usual?.answered),
    abandoned: round(usual?.abandoned),
    missed_rings: round(usual?.missed_rings),
    waiting_avg: time(usual?.waiting_avg_ms),
    talking_avg: time(usual?.talking_avg_ms),
    rating: round(usual?.rating_avg),
  };
  for (const [name, mean] of Object.entries(means)) {
    const known = mean !== undefined && mean !== null;
    byId(`usual-${name}`).textContent = known ? t('manager.usual', { mean: String(mean) }) : '';
  }
  say(byId('usual-meaning'), usual ? count('manager.usual.meaning', usual.days) : '');
}

/** @param {number | null} ms */
function duration(ms) {
  return ms === null ? NOTHING : clock(ms);
}

function rating(/** @type {Figures} */ { rating_avg: average, rating_count: count }) {
  if (average === null) return NOTHING;
  const stars = average.toLocaleString(locale, { maximumFractionDigits: 1 });
  return t('manager.rating', { stars, count });
}

/** One bar for each outcome, as long as its share. @param {Record<string, number>} outcomes */
function showOutcomes(outcomes) {
  const entries = Object.entries(outcomes).filter(([, n]) => n > 0);
  const most = Math.max(1, ...entries.map(([, n]) => n));
  show(byId('outcomes'), entries.length > 0);
  byId('outcomes').replaceChildren(
    ...entries
      .sort(([, a], [, b]) => b - a)
      .map(([name, n]) => {
        const row = document.createElement('p');
        row.className = 'outcome';
        row.style.setProperty('--share', String(n / most));
        row.textContent = `${t(`common.outcome.${name}`)} `;
        const figure = document.createElement('strong');
        figure.textContent = String(n);
        row.append(figure);
        return row;
      }),
  );
}
