// @ts-check
/** How large a picture to ask of an advisor's camera: a car's details are worth 1080 lines. */
import { knownRate } from './start_bitrate.js';

const FINE = 1080;
const USUAL = 720;
/** What carries 1080 lines, kbit/s: the ladder's largest picture, with room for it to move. */
const FINE_KBPS = 6000;
/** A browser without an encoder in hardware needs two cores for them. */
const FINE_CORES = 6;

/**
 * @param {number | null} rate of this device's line in kbit/s, or null if nothing is known
 * @param {number} cores
 */
export function cameraLines(rate = knownRate(), cores = navigator.hardwareConcurrency ?? 1) {
  return rate !== null && rate >= FINE_KBPS && cores >= FINE_CORES ? FINE : USUAL;
}
