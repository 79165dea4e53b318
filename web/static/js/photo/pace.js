// @ts-check
/** How fast a photo may go out beside a picture that moves, and so how large it may be. Pure rules. */
import { clamp } from '../clamp.js';

/** The share of the line that a photo takes; the rest is for sound and picture. */
const SHARE = 0.25;
/** Bytes a second: below, a photo would never come; above, nobody would notice. */
const LEAST = 3_000;
const MOST = 2_000_000;
/** For a browser that measures nothing. */
const UNKNOWN = 40_000;
const SMALLEST_PIECE = 4_096;
const LARGEST_PIECE = 192_000;
/** Of each second, so that the picture's packets never queue for long behind a piece. */
const PIECE_SECONDS = 0.4;
/** A photo that takes longer to arrive is no answer any more: then it is made smaller. */
const PATIENCE_SECONDS = 45;
const SMALLEST_PHOTO = 150_000;
const LARGEST_PHOTO = 4_000_000;

/**
 * What the line carries out, as far as is known.
 *
 * @typedef {object} Line
 * @property {number | null} estimate bit/s, what congestion control lets media take
 * @property {number | null} measured bit/s, with which the last piece really went
 */

/** Bytes a second for the photo. @param {Line} line */
export function paceOf({ estimate, measured }) {
  const known = [estimate, measured].filter((one) => one !== null && one > 0);
  if (!known.length) return UNKNOWN;
  // The estimate ends where the picture needs no more, and a piece's speed where the line does.
  const line = Math.max(.../** @type {number[]} */ (known));
  return clamp((line / 8) * SHARE, LEAST, MOST);
}

/** How many bytes go out at once. @param {number} pace bytes a second */
export function pieceOf(pace) {
  return Math.round(clamp(pace * PIECE_SECONDS, SMALLEST_PIECE, LARGEST_PIECE));
}

/** How long to rest after a piece, in ms. @param {number} bytes @param {number} pace @param {number} took ms */
export function restAfter(bytes, pace, took) {
  return Math.max(0, (bytes / pace) * 1000 - took);
}

/** How many bytes a photo may have. @param {number} pace bytes a second */
export function budgetOf(pace) {
  return Math.round(clamp(pace * PATIENCE_SECONDS, SMALLEST_PHOTO, LARGEST_PHOTO));
}
