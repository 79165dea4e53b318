import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Senders } from '../../web/static/js/senders.js';

/** A connection with one section, whose sender takes its parameters as `set` says. */
function connectionWith(set) {
  const sent = { track: null, encodings: [{}] };
  const sender = {
    getParameters: () => ({ encodings: sent.encodings.map((one) => ({ ...one })) }),
    setParameters: async (parameters) => {
      await set();
      sent.encodings = parameters.encodings;
    },
    replaceTrack: async (track) => void (sent.track = track),
  };
  const transceiver = { sender, receiver: { track: { kind: 'video' } }, direction: 'recvonly' };
  return { sent, pc: { signalingState: 'stable', getTransceivers: () => [transceiver] } };
}

test('a camera that opens while the answer is prepared is sent', async () => {
  let goOn = () => {};
  const { sent, pc } = connectionWith(() => new Promise((resolve) => (goOn = resolve)));
  const senders = new Senders(pc, { audio: null, video: null }, false);
  const answering = senders.answer();
  await new Promise(setImmediate);
  await senders.setTrack('video', 'the camera');
  goOn();
  await answering;
  assert.equal(sent.track, 'the camera');
});

test('media flow in the end, however long the browser refuses the parameters', async (t) => {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = /** @type {any} */ ((done) => setImmediate(done));
  t.after(() => (globalThis.setTimeout = setTimeout));
  let refusals = 25;
  const { sent, pc } = connectionWith(async () => {
    if (refusals-- > 0) throw new Error('stale');
  });
  pc.getTransceivers()[0].direction = 'sendrecv';
  const senders = new Senders(pc, { audio: null, video: null }, false);
  senders.flow(true);
  for (let n = 0; n < 200; n++) await new Promise(setImmediate);
  assert.equal(sent.encodings[0].active, true);
});

test('a closed connection is left alone', async () => {
  const { pc } = connectionWith(async () => {
    throw new Error('closed');
  });
  const senders = new Senders(pc, { audio: null, video: null }, true);
  const trying = senders.activate();
  pc.signalingState = 'closed';
  await trying;
});
