// @ts-check
/**
 * What the advisor reads over the own picture, the gravest thing first.
 *
 * @typedef {object} Scene
 * @property {import('../wire').AdvisorCall} call
 * @property {import('../keeper.js').LinkHealth} health of the peer connection
 * @property {boolean} online the socket to the server is up
 * @property {Record<'audio' | 'video', Device>} devices
 *
 * @typedef {'on' | 'off' | 'lost'} Device lost: taken away, and being taken again
 */

/**
 * @param {Scene} scene
 * @returns {string | null} the key below `advisor.word.`, or null
 */
export function stageWord({ call, health, online, devices: { audio, video } }) {
  if (call.held) return 'held';
  const broken = health === 'down' || (health !== 'up' && call.live_at !== null);
  if (broken && !online) return 'own_line';
  if (broken && call.customer && !call.customer.present) return 'customer_away';
  if (broken) return 'reconnecting';
  if (health !== 'up') return 'connecting';
  const seen = video === 'on';
  const heard = audio === 'on';
  if (seen && heard) return null;
  const lost = video === 'lost' || audio === 'lost';
  return `${lost ? 'lost' : 'no'}_${seen ? 'microphone' : heard ? 'camera' : 'media'}`;
}
