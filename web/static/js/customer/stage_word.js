// @ts-check
/**
 * What the customer reads over the picture. A frozen or black picture never stands there without
 * a word; the gravest thing comes first.
 *
 * @typedef {object} Scene
 * @property {import('../wire').CustomerCall} call
 * @property {import('../keeper.js').LinkHealth} health of the peer connection
 * @property {boolean} online the socket to the server is up
 * @property {boolean} started a picture has come on this link
 * @property {boolean} frozen the picture has stopped
 * @property {boolean} settled the connection is up for so long that the advisor's page has said
 *   what it sends; until then nothing is known of its devices
 */

/**
 * @param {Scene} scene
 * @returns {string | null} the key below `customer.word.`, or null when the picture says it all
 */
export function stageWord({ call, health, online, started, frozen, settled }) {
  const { advisor } = call;
  const broken = health === 'down' || (health !== 'up' && call.live_at !== null);
  if (call.held) return 'held';
  if (broken && !online) return 'own_line';
  if (broken && advisor && !advisor.present) return 'advisor_away';
  if (broken) return 'reconnecting';
  if (advisor && !advisor.camera && health === 'up') {
    if (advisor.paused) return 'paused';
    if (advisor.microphone) return 'no_camera';
    if (settled) return 'no_media';
  }
  if (!started) return 'connecting';
  if (frozen) return 'frozen';
  return null;
}

/**
 * The line beside a picture that comes without sound, the key below `customer.live.`, or empty.
 *
 * @param {import('../wire').Peer | null} advisor
 */
export function soundLine(advisor) {
  if (!advisor?.camera || advisor.microphone) return '';
  return advisor.paused ? 'sound_lost' : 'sound_off';
}
