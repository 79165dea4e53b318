// @ts-check
/**
 * Call this inside a tap: browsers that play sound only after one then allow it for this element,
 * although its stream comes later.
 */
export function unlock(/** @type {HTMLVideoElement} */ video) {
  if (!video.srcObject) video.srcObject = new MediaStream();
  video.play().catch(() => {
    // Refused: the stream itself will be asked again, and then there is a button for it.
  });
}
