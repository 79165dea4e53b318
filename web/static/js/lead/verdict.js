// @ts-check
/** The score of a lead in words: qualified or not, and each rule that held. */
import { t } from '../words.js';

/** @typedef {import('./lead').Verdict} Verdict */
/** @typedef {import('./lead').Reason} Reason */

/** What goes by itself when the call is closed with an outcome. */
const PASSING = new Set(['in_call']);

/**
 * Say whether a lead goes on its way: it has gone, or it will when the running call is closed.
 *
 * @param {Verdict} verdict
 * @param {number} from so many points make a lead qualified
 */
export function isQualified({ score, reasons, qualified_at: at }, from) {
  const obstacles = reasons.filter(({ rule, points }) => points === 0 && !PASSING.has(rule));
  return Boolean(at) || (score >= from && obstacles.length === 0);
}

/** A rule and its points, `Wishes a test drive +20`; what is in the way comes without points. */
export function reasonInWords(/** @type {Reason} */ { rule, points }) {
  return { text: t(`lead.rule.${rule}`), points: points ? signed(points) : '' };
}

/** @param {number} points */
export function signed(points) {
  return points < 0 ? `−${-points}` : `+${points}`;
}

/** Draw the reasons into a list. @param {HTMLElement} list @param {Reason[]} reasons */
export function drawReasons(list, reasons) {
  list.replaceChildren(
    ...reasons.map((reason) => {
      const { text, points } = reasonInWords(reason);
      const item = document.createElement('li');
      item.className = 'reason';
      item.dataset.obstacle = String(reason.points === 0);
      const words = document.createElement('span');
      words.textContent = text;
      const figure = document.createElement('span');
      figure.className = 'reason__points';
      figure.textContent = points;
      item.append(words, figure);
      return item;
    }),
  );
}
