// @ts-check
/**
 * What the advisor reads over the own picture, the gravest thing first.
 *
 * @typedef {object} Scene
 * @property {import('../wire').AdvisorCall} call
 * @property {import('../keeper.js').LinkHealth} health of the peer connection
 * @property {boolean} online the socket to the server is up
 * @property {boolean} camera a picture is sent
 * @property {boolean} paused a device was lost and is being taken again
 */

/**
 * @param {Scene} scene
 * @returns {string | null} the key below `advisor.word.`, or null
 */
export function stageWord({ call, health, online, camera, paused }) {
  if (call.held) return 'held';
  const broken = health === 'down' || (health !== 'up' && call.live_at !== null);
  if (broken && !online) return 'own_line';
  if (broken && call.customer && !call.customer.present) return 'customer_away';
  if (broken) return 'reconnecting';
  if (health !== 'up') return 'connecting';
  if (paused) return 'paused';
  if (!camera) return 'no_camera';
  return null;
}
