// @ts-check
/** The short line that says how large a picture is sent, and why it is not larger. */
import { t } from './words.js';

/** A line must have been true for so long before it is said, and stays at least so long. */
const TRUE_MS = 1500;
const STAYS_MS = 4000;

/**
 * @param {{rung: import('./wire').Rung, narrowed: import('./wire').Narrowed}} picture
 * @param {'customer' | 'advisor'} reader
 * @returns {string} empty where the picture is as large as it can be
 */
export function rungLine({ rung, narrowed }, reader) {
  if (rung === 'full' || !narrowed) return '';
  const why = narrowed === 'saver' ? t(`call.saver.${reader}`) : t(`call.narrowed.${narrowed}`);
  return t('call.rung_line', { why, what: t(`call.rung.${rung}`) });
}

/** Says what is steadily true, so that a line that changes often doesn't flicker. */
export class Steady {
  #said = '';
  #saidAt = -Infinity;
  #wanted = '';
  #wantedAt = -Infinity;

  /** What to say now. @param {string} text what is true @param {number} now milliseconds */
  say(text, now) {
    if (text !== this.#wanted) {
      this.#wanted = text;
      this.#wantedAt = now;
    }
    const steady = now - this.#wantedAt >= TRUE_MS;
    const long = !this.#said || now - this.#saidAt >= STAYS_MS;
    if (text !== this.#said && steady && long) {
      this.#said = text;
      this.#saidAt = now;
    }
    return this.#said;
  }
}
