// @ts-check
/**
 * What a companion or a manager reads over the picture: never a black or a frozen one without a
 * word, the gravest thing first.
 *
 * @typedef {object} Scene
 * @property {import('./wire').JoinedCall} call
 * @property {import('./link.js').Health | null} health of the connection to the relay; null: none
 * @property {boolean} started a picture has come
 * @property {boolean} frozen the picture has stopped
 */

/**
 * @param {Scene} scene
 * @returns {string} what the page's own words are named, or empty
 */
export function stageWord({ call, health, started, frozen }) {
  if (call.held) return 'held';
  if (health !== 'up') return health || started ? 'reconnecting' : 'connecting';
  if (call.advisor && !call.advisor.camera) return 'no_camera';
  if (!started) return 'connecting';
  return frozen ? 'frozen' : '';
}
