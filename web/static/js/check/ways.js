// @ts-check
/** Whether packets get through to our servers: by WebSocket, and each way to the TURN server. */

/** Browsers go on asking a server that UDP doesn't reach for ten seconds and more. */
const PATIENCE_MS = 8000;

/** @typedef {'works' | 'fails' | 'off' | 'untried'} Outcome */

/** Does a WebSocket, the line of every call, open and speak? */
export function trySocket() {
  return settled((found) => {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const query = 'EIO=4&transport=websocket';
    const socket = new WebSocket(`${scheme}://${location.host}/socket.io/?${query}`);
    // Engine.IO begins with its open packet, type 0; a portal of a hotel says something else.
    socket.onmessage = ({ data }) => found(String(data).startsWith('0') ? 'works' : 'fails');
    socket.onerror = () => found('fails');
    return () => socket.close();
  });
}

/**
 * Does our server answer this way? By TURN it must grant a relayed address, with a real allocation;
 * where there is only STUN, it must tell us our own.
 *
 * @param {RTCIceServer[]} servers that lead this way only; none where it is not set up
 * @returns {Promise<Outcome>}
 */
export async function tryWay(servers) {
  if (!servers.length) return 'off';
  const relays = servers.some(({ urls }) => String(urls).startsWith('turn'));
  return settled((found) => {
    const pc = new RTCPeerConnection({
      iceServers: servers,
      iceTransportPolicy: relays ? 'relay' : 'all',
    });
    let failed = false;
    // 701: the server could not be reached (W3C webrtc-pc §4.8.3).
    pc.onicecandidateerror = () => (failed = true);
    pc.onicecandidate = ({ candidate }) => {
      if (candidate?.type === (relays ? 'relay' : 'srflx')) found('works');
      // Without address translation STUN tells nothing new, and no candidate comes of it.
      else if (!candidate) found(relays || failed ? 'fails' : 'works');
    };
    pc.createDataChannel('check');
    pc.setLocalDescription().catch(() => found('fails'));
    return () => {
      pc.onicecandidate = pc.onicecandidateerror = null;
      pc.close();
    };
  });
}

/**
 * @param {(found: (outcome: Outcome) => void) => () => void} begin returns what ends the trial
 * @returns {Promise<Outcome>} what was found first; `fails` when nothing was in time
 */
async function settled(begin) {
  let end = () => {};
  let timer = 0;
  try {
    return await new Promise((resolve) => {
      timer = setTimeout(() => resolve('fails'), PATIENCE_MS);
      end = begin(resolve);
    });
  } catch {
    return 'fails';
  } finally {
    clearTimeout(timer);
    end();
  }
}
