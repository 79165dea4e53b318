// Put into every page of the bench: what its connections and its pictures did.
(() => {
  const links = [];
  const Native = RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      links.push(this);
      this.addEventListener('datachannel', ({ channel }) => listen(channel));
    }
  };

  const create = Native.prototype.createDataChannel;
  Native.prototype.createDataChannel = function (...given) {
    const channel = create.apply(this, given);
    listen(channel);
    return channel;
  };

  /** The counters of the newest connection, and of the video that shows what it brings. */
  async function reading() {
    const link = links.at(-1);
    const all = link ? [...(await link.getStats()).values()] : [];
    const inbound = (kind) => all.find((one) => one.type === 'inbound-rtp' && one.kind === kind) ?? {};
    const sent = all.find((one) => one.type === 'outbound-rtp' && one.kind === 'video') ?? {};
    const transport = all.find((one) => one.type === 'transport') ?? {};
    const pair = all.find((one) => one.id === transport.selectedCandidatePairId) ?? {};
    const local = all.find((one) => one.id === pair.localCandidateId) ?? {};
    const codec = (one) => all.find((other) => other.id === one.codecId)?.mimeType ?? '';
    const [video, audio] = [inbound('video'), inbound('audio')];
    return {
      at: performance.now(),
      frames: video.framesDecoded ?? 0,
      width: video.frameWidth ?? 0,
      height: video.frameHeight ?? 0,
      frozen: video.totalFreezesDuration ?? 0,
      freezes: video.freezeCount ?? 0,
      codec: codec(video),
      samples: audio.totalSamplesReceived ?? 0,
      concealed: (audio.concealedSamples ?? 0) - (audio.silentConcealedSamples ?? 0),
      sound: audio.totalAudioEnergy ?? 0,
      soundCodec: codec(audio),
      delay: audio.jitterBufferDelay ?? 0,
      emitted: audio.jitterBufferEmittedCount ?? 0,
      bytesIn: pair.bytesReceived ?? 0,
      bytesOut: pair.bytesSent ?? 0,
      available: pair.availableOutgoingBitrate ?? 0,
      roundTrip: pair.currentRoundTripTime ?? 0,
      sentWidth: sent.frameWidth ?? 0,
      cpu: sent.qualityLimitationDurations?.cpu ?? 0,
      protocol: local.relayProtocol ?? local.protocol ?? '',
      kind: local.candidateType ?? '',
    };
  }

  /** Stills as they arrive: when they were complete, how large they are, and how many bytes. */
  const stills = [];
  function listen(channel) {
    let head = null;
    let pieces = [];
    channel.addEventListener('message', async ({ data }) => {
      if (typeof data === 'string') {
        head = JSON.parse(data);
        pieces = [];
        return;
      }
      pieces.push(data);
      const blob = new Blob(pieces, { type: head.type });
      if (blob.size !== head.bytes) return;
      const at = performance.now();
      const { width, height } = await createImageBitmap(blob);
      stills.push({ at, width, height, bytes: blob.size, type: blob.type });
    });
  }

  /** The longest time between two frames of the customer's picture since this was set to 0. */
  let last = 0;
  let longest = 0;
  addEventListener('DOMContentLoaded', () => {
    const video = document.getElementById('live-video');
    const next = () => {
      const now = performance.now();
      if (last) longest = Math.max(longest, now - last);
      last = now;
      video?.requestVideoFrameCallback(next);
    };
    video?.requestVideoFrameCallback(next);
  });

  window.bench = {
    links,
    reading,
    stills,
    // A gap that lasts is a gap too.
    get longest() {
      return last ? Math.max(longest, performance.now() - last) : Infinity;
    },
    set longest(value) {
      longest = value;
    },
  };
})();
