// @ts-check
/** Today's figures: eight tiles, and how the calls ended. */
import { byId, show } from '../dom.js';
import { clock, locale, t } from '../words.js';

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

const NOTHING = '–';

export function showFigures(/** @type {Figures} */ figures) {
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
  const day = new Date(`${figures.day}T12:00:00Z`);
  byId('day').textContent = day.toLocaleDateString(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  });
  showOutcomes(figures.outcomes);
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
