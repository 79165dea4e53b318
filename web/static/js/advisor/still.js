// @ts-check
/**
 * A still of a camera for the server: what it shows, and below that, half as large, what it shows
 * 100 and 200 ms later, in one small JPEG. The later ones say how the picture moves.
 */

const LONGEST = 480;
const BETWEEN_MS = 100;
const MOST_BYTES = 25_000;
/** Noise makes large files: then the quality goes down. */
const QUALITIES = [0.75, 0.55, 0.35];
/** JPEG works in squares of this size: both pictures shall have squares of their own. */
const SQUARE = 16;

/**
 * How large a still of a camera is: not enlarged, so that it stays as sharp as it is.
 *
 * @param {number} width of the camera's picture
 * @param {number} height
 */
export function stillSize(width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const fit = (/** @type {number} */ one) => Math.round((one * scale) / SQUARE) * SQUARE;
  return { width: fit(width), height: fit(height) };
}

/**
 * Take one.
 *
 * @param {HTMLVideoElement} video that plays the camera
 * @returns {Promise<Blob | null>} null where there is no picture
 */
export async function coachStill(video) {
  const { width, height } = stillSize(video.videoWidth, video.videoHeight);
  if (!width || !height) return null;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height * 1.5;
  const pen = canvas.getContext('2d', { alpha: false });
  if (!pen) return null;
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(video, 0, 0, width, height);
  for (const x of [0, width / 2]) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    pen.drawImage(video, x, height, width / 2, height / 2);
  }
  for (const quality of QUALITIES) {
    /** @type {Blob | null} */
    const still = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
    if (!still || still.size <= MOST_BYTES) return still;
  }
  return null;
}
