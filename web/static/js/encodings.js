// @ts-check
/**
 * How a sender sends (`RTCRtpSender.setParameters`, W3C webrtc-pc §5.2), where several have a say.
 *
 * Each has a layer of wishes: who holds the call says `active`, the ladder says how large and how
 * fast. A sender is active while no layer says otherwise. Changes go one after the other: two that
 * overlap invalidate each other's parameters, and one of them would be lost.
 */

/** Pauses between tries, growing: under load a negotiation can take long. */
const PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/**
 * @typedef {Partial<RTCRtpEncodingParameters> & {codec?: string}} Wish `codec`: a MIME type, which
 *   is taken where both sides have it
 * @typedef {'flow' | 'rung'} Layer
 */

/** @type {WeakMap<RTCRtpSender, {wishes: Map<Layer, Wish>, tail: Promise<void>, bias: string}>} */
const known = new WeakMap();

/**
 * Send like this from now on, as far as this layer is concerned; done when the browser took it.
 *
 * @param {RTCPeerConnection} pc the sender's
 * @param {RTCRtpSender} sender
 * @param {Layer} layer
 * @param {Wish} wish replaces what this layer wished before
 * @param {string} [bias] `RTCDegradationPreference`; without it the last one stays
 */
export function encode(pc, sender, layer, wish, bias) {
  const state = known.get(sender) ?? { wishes: new Map(), tail: Promise.resolve(), bias: '' };
  known.set(sender, state);
  state.wishes.set(layer, wish);
  if (bias) state.bias = bias;
  state.tail = state.tail.then(() => bring(pc, sender, state));
  return state.tail;
}

/** What all layers together ask for. @param {Iterable<Wish>} wishes @returns {Wish} */
export function together(wishes) {
  const all = Array.from(wishes);
  return { ...Object.assign({}, ...all), active: all.every((wish) => wish.active !== false) };
}

/**
 * @param {RTCPeerConnection} pc
 * @param {RTCRtpSender} sender
 * @param {{wishes: Map<Layer, Wish>, bias: string}} state
 */
async function bring(pc, sender, state) {
  let pause = PAUSE_MS;
  while (pc.signalingState !== 'closed') {
    const parameters = /** @type {any} */ (sender.getParameters());
    const { codec, ...wanted } = together(state.wishes.values());
    const shared = parameters.codecs?.find((/** @type {any} */ one) => one.mimeType === codec);
    for (const encoding of parameters.encodings) {
      Object.assign(encoding, wanted);
      // Left out it would stay as it is: what was negotiated first is what is meant.
      if (shared) encoding.codec = shared;
      else if (encoding.codec) encoding.codec = parameters.codecs[0];
    }
    if (state.bias) parameters.degradationPreference = state.bias;
    try {
      await sender.setParameters(parameters);
      return;
    } catch {
      // A negotiation in between makes what was read stale: read it again.
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }
}
