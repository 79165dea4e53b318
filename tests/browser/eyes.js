// Runs before a page's own scripts. It sees what a test needs to know of a page's media, and
// changes nothing: connections and device requests are noted and handed through.
(() => {
  const STEP_MS = 60;
  const WIDTH = 64;
  const HEIGHT = 36;
  /** Mean difference of two pictures, of 255, from which on they are two. */
  const DIFFERENT = 0.3;

  /** @type {RTCPeerConnection[]} */
  const connections = [];
  /** @type {string[]} */
  const asked = [];

  const Native = window.RTCPeerConnection;
  if (Native) {
    window.RTCPeerConnection = class extends Native {
      constructor(...given) {
        super(...given);
        connections.push(this);
      }
    };
  }
  const devices = navigator.mediaDevices;
  if (devices) {
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (wanted) => {
      asked.push(['audio', 'video'].filter((kind) => wanted[kind]).join(' and '));
      return open(wanted);
    };
  }

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const pen = canvas.getContext('2d', { willReadFrequently: true });

  /** The decoded picture, small; null before there is one. */
  function pixels(video) {
    if (!video.videoWidth || video.readyState < 2) return null;
    pen.drawImage(video, 0, 0, WIDTH, HEIGHT);
    return pen.getImageData(0, 0, WIDTH, HEIGHT).data;
  }

  function difference(one, other) {
    let sum = 0;
    for (let i = 0; i < one.length; i++) sum += Math.abs(one[i] - other[i]);
    return sum / one.length;
  }

  /** How often the decoded picture changed within `ms`; returns early after `enough` changes. */
  async function changes(video, { ms, enough }) {
    const until = performance.now() + ms;
    let before = null;
    let count = 0;
    while (count < enough && performance.now() < until) {
      const now = pixels(video);
      if (now && before && difference(now, before) > DIFFERENT) count++;
      before = now ?? before;
      await pause(STEP_MS);
    }
    return count;
  }

  /** The mean colour of the decoded picture. */
  function colour(video) {
    const data = pixels(video);
    if (!data) return null;
    const sum = [0, 0, 0];
    data.forEach((value, i) => i % 4 < 3 && (sum[i % 4] += value));
    return sum.map((one) => Math.round(one / (WIDTH * HEIGHT)));
  }

  const present = () => connections.findLast((one) => one.connectionState !== 'closed');

  /** What went through the present connection so far, and by which way (W3C webrtc-stats). */
  async function traffic() {
    const pc = present();
    const seen = {
      state: pc?.connectionState ?? 'none',
      packetsSent: 0, framesSent: 0, packetsReceived: 0, framesDecoded: 0,
      soundEnergy: 0, bytesSent: 0, local: '', remote: '',
    };
    if (!pc) return seen;
    const stats = await pc.getStats();
    for (const one of stats.values()) {
      if (one.type === 'outbound-rtp') {
        seen.packetsSent += one.packetsSent ?? 0;
        seen.framesSent += one.framesSent ?? 0;
        seen.bytesSent += one.bytesSent ?? 0;
      } else if (one.type === 'inbound-rtp') {
        seen.packetsReceived += one.packetsReceived ?? 0;
        seen.framesDecoded += one.framesDecoded ?? 0;
        seen.soundEnergy += one.totalAudioEnergy ?? 0;
      } else if (one.type === 'transport') {
        const pair = stats.get(one.selectedCandidatePairId);
        seen.local = stats.get(pair?.localCandidateId)?.candidateType ?? '';
        seen.remote = stats.get(pair?.remoteCandidateId)?.candidateType ?? '';
      }
    }
    return seen;
  }

  /** The kinds of live tracks that may not be sent. */
  function heldBack() {
    const senders = present()?.getSenders() ?? [];
    const held = senders.filter((one) => one.getParameters().encodings.every((way) => !way.active));
    const live = held.filter((one) => one.track?.readyState === 'live');
    return live.map((one) => one.track.kind).sort();
  }

  /** The states of all connections that are not closed, the oldest first. */
  const states = () => connections.map((one) => one.connectionState).filter((one) => one !== 'closed');

  const made = () => connections.length;

  window.eyes = { asked, changes, colour, heldBack, made, states, traffic };
})();
