// @ts-check
/** Hours as people write them in one field: `9–12:30, 14–18`; nothing is closed. */

const SPAN = /^(\d{1,2})(?:[:.h](\d{2})?)?\s*(?:[-–—]|to|à)\s*(\d{1,2})(?:[:.h](\d{2})?)?$/i;
const DAY = 24 * 60;

/**
 * The stretches of a day as a settings file has them, or null where it is not clear what is meant.
 *
 * @param {string} text
 * @returns {string[] | null}
 */
export function spansOf(text) {
  const parts = text.split(/[,;\n]+/).map((part) => part.trim()).filter(Boolean);
  const spans = [];
  let before = 0;
  for (const part of parts) {
    const found = SPAN.exec(part);
    if (!found) return null;
    const opens = Number(found[1]) * 60 + Number(found[2] ?? 0);
    const closes = Number(found[3]) * 60 + Number(found[4] ?? 0);
    const wrong = Number(found[2] ?? 0) > 59 || Number(found[4] ?? 0) > 59;
    if (wrong || opens < before || opens >= closes || closes > DAY) return null;
    spans.push(`${time(opens)}-${time(closes)}`);
    before = closes;
  }
  return spans;
}

/** The same, for a field. */
export function spansText(/** @type {string[]} */ spans) {
  return spans.map((span) => span.replace('-', '–')).join(', ');
}

function time(/** @type {number} */ minutes) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
