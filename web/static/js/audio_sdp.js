// @ts-check
/**
 * How this side's sound is sent, which a browser takes from the other side's description: Opus's
 * rate and silence (RFC 7587 §6.1), the length of a packet (RFC 8866 §6.4), and whether each packet
 * carries the one before it too (RFC 2198). Nothing of it needs to be said to the other side.
 *
 * On the narrowest lines the headers of 50 packets a second take more than the sound in them.
 */

/**
 * @typedef {object} Sound
 * @property {number} rate bit/s of Opus
 * @property {number} packet milliseconds of sound in one packet: 20, 40 or 60
 * @property {boolean} twice
 */

/**
 * The other side's description as if it had asked for this sound.
 *
 * @param {string} sdp
 * @param {Sound} sound
 */
export function withSound(sdp, { rate, packet, twice }) {
  const parts = sdp.split(/(?=^m=)/m);
  return parts.map((part) => (part.startsWith('m=audio') ? tuned(part) : part)).join('');

  function tuned(/** @type {string} */ part) {
    const opus = /^a=rtpmap:(\d+) opus\/48000\/2\r?$/im.exec(part)?.[1];
    if (!opus) return part;
    const red = /^a=rtpmap:(\d+) red\/48000\/2\r?$/im.exec(part)?.[1];
    const first = twice && red ? [red, opus] : [opus];
    return part
      .replace(/^(m=audio \S+ \S+) (.*)$/m, (_, head, list) => {
        const rest = list.trim().split(' ').filter((/** @type {string} */ one) => !first.includes(one));
        return [head, ...first, ...rest].join(' ');
      })
      .replace(/^a=ptime:.*\r?\n/gm, '')
      .replace(new RegExp(`^a=fmtp:${opus} (.*)$`, 'm'), (_, given) => {
        const kept = given
          .trim()
          .split(';')
          .filter((/** @type {string} */ one) => !/^(maxaveragebitrate|usedtx|useinbandfec)=/.test(one.trim()));
        const wanted = [...kept, 'useinbandfec=1', 'usedtx=1', `maxaveragebitrate=${rate}`];
        return `a=fmtp:${opus} ${wanted.join(';')}\r\na=ptime:${packet}`;
      });
  }
}

/**
 * Have this side's sound sent in another way from now on, in the middle of a call: the browser is
 * given the description that it has once more, as if the other side had changed its mind.
 *
 * @param {RTCPeerConnection} pc stable
 * @param {Sound} sound
 */
export async function retune(pc, sound) {
  const theirs = pc.remoteDescription?.sdp ?? '';
  const ours = pc.localDescription?.sdp ?? '';
  // RFC 8842 §5.3: who was active in the handshake stays so.
  const role = /^a=setup:active/m.test(ours) ? 'passive' : 'active';
  const setup = /^a=setup:actpass/m.test(theirs) ? theirs.replace(/^a=setup:actpass/gm, `a=setup:${role}`) : theirs;
  await pc.setLocalDescription();
  await pc.setRemoteDescription({ type: 'answer', sdp: withSound(setup, sound) });
}
