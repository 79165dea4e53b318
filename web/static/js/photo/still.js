// @ts-check
/**
 * A still of the camera that is on the air: from the sensor itself where the browser can (W3C
 * image-capture), else the frame that is sent, in its full size.
 */
import { within } from '../time.js';
import { budgetOf } from './pace.js';

/** Cameras that focus and expose for a photo take a second or two. */
const TAKE_MS = 4000;
const MOST_PIXELS = 3840 * 2160;
const QUALITIES = [0.92, 0.85, 0.75, 0.65];
const SMALLER = 0.75;
const SMALLEST_SIDE = 1280;

/** Cameras whose photos interrupt the picture, or never come: they are not asked again. */
const shy = new Set();

/**
 * Take a still, upright.
 *
 * @param {MediaStreamTrack} track of the camera
 * @param {HTMLVideoElement} video which shows it
 * @returns {Promise<ImageBitmap>}
 */
export async function takeStill(track, video) {
  const photo = await sensorStill(track);
  const { videoWidth, videoHeight } = video;
  if (photo && photo.width * photo.height >= videoWidth * videoHeight) return photo;
  photo?.close();
  return await createImageBitmap(video);
}

/** @param {MediaStreamTrack} track @returns {Promise<ImageBitmap | null>} */
async function sensorStill(track) {
  const Capture = /** @type {any} */ (globalThis).ImageCapture;
  const device = track.getSettings().deviceId ?? '';
  if (!Capture || shy.has(device)) return null;
  const muted = () => shy.add(device);
  track.addEventListener('mute', muted);
  try {
    const taken = new Capture(track).takePhoto();
    taken.catch(() => {}); // one that comes after its time has nobody left to tell
    // It reads the orientation that the camera wrote (HTML, `imageOrientation: 'from-image'`).
    return await createImageBitmap(await within(TAKE_MS, taken));
  } catch {
    shy.add(device);
    return null;
  } finally {
    track.removeEventListener('mute', muted);
  }
}

/**
 * The still as JPEG, as good as the line allows: less exact first, smaller only then.
 *
 * @param {ImageBitmap} still
 * @param {number} pace bytes a second
 * @returns {Promise<Blob>}
 */
export async function encode(still, pace) {
  const budget = budgetOf(pace);
  let scale = Math.min(1, Math.sqrt(MOST_PIXELS / (still.width * still.height)));
  for (;;) {
    const canvas = drawn(still, scale);
    for (const quality of QUALITIES) {
      const jpeg = await jpegOf(canvas, quality);
      if (jpeg.size <= budget) return jpeg;
      const isLast = quality === QUALITIES.at(-1);
      if (isLast && Math.max(canvas.width, canvas.height) <= SMALLEST_SIDE) return jpeg;
    }
    scale *= SMALLER;
  }
}

/** @param {ImageBitmap} still @param {number} scale */
function drawn(still, scale) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(still.width * scale));
  canvas.height = Math.max(1, Math.round(still.height * scale));
  canvas.getContext('2d')?.drawImage(still, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @param {number} quality @returns {Promise<Blob>} */
function jpegOf(canvas, quality) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no JPEG'))), 'image/jpeg', quality);
  });
}
