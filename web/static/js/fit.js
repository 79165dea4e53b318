// @ts-check
/**
 * How a picture fills its place: a phone crops it when the shapes are alike, rather than leaving
 * bars; where too much of the car would be lost, and on a desktop, the whole picture shows.
 */

/** The share of the picture that must stay visible for it to be cropped. */
const KEEPS = 0.6;
const PHONE = matchMedia('(max-width: 59.99rem)');

/**
 * @param {{width: number, height: number}} box
 * @param {{width: number, height: number}} picture
 * @returns {'contain' | 'cover'}
 */
export function fitFor(box, picture) {
  if (!picture.width || !picture.height || !box.height) return 'contain';
  const shapes = [box.width / box.height, picture.width / picture.height];
  return Math.min(...shapes) / Math.max(...shapes) >= KEEPS ? 'cover' : 'contain';
}

/** Keep `data-fit` of a video right whatever turns: the phone, the window, the camera. */
export function keepFitting(/** @type {HTMLVideoElement} */ video) {
  const fit = () => {
    const { videoWidth: width, videoHeight: height } = video;
    const box = { width: video.clientWidth, height: video.clientHeight };
    video.dataset.fit = PHONE.matches ? fitFor(box, { width, height }) : 'contain';
  };
  video.addEventListener('resize', fit);
  new ResizeObserver(fit).observe(video);
}
