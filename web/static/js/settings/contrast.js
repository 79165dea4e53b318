// @ts-check
/** Colours: how well one can be read on another (WCAG 2.2, relative luminance and contrast ratio). */

/** What text of an ordinary size needs (WCAG 2.2, 1.4.3). */
export const ENOUGH = 4.5;

/**
 * @param {string} one `#rrggbb`
 * @param {string} other
 */
export function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(/** @type {string} */ colour) {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @typedef {{colour: string, clear: boolean}} Look the mean colour, and whether anything shows through */

/**
 * The mean colour of what can be seen. Pure, of red, green, blue and alpha from 0 to 255.
 *
 * @param {Uint8ClampedArray | number[]} pixels
 * @returns {Look}
 */
export function lookOf(pixels) {
  let [red, green, blue, seen, clear] = [0, 0, 0, 0, false];
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const [r = 0, g = 0, b = 0, alpha = 0] = pixels.slice(at, at + 4);
    red += r * alpha;
    green += g * alpha;
    blue += b * alpha;
    seen += alpha;
    clear ||= alpha < 128;
  }
  return { colour: hex([red, green, blue].map((sum) => (seen ? sum / seen : 0))), clear };
}

/** A colour by its three parts, from 0 to 255. */
export function hex(/** @type {number[]} */ parts) {
  return `#${parts.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}
