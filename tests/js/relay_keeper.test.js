import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

/** As much of a browser's connection as an offer needs. */
class Connection {
  signalingState = 'stable';
  localDescription = { sdp: 'v=0\r\n' };
  #transceivers = [];
  constructor() {
    queueMicrotask(() => this.onnegotiationneeded?.());
  }
  addTransceiver(kind) {
    const sender = { replaceTrack: async () => {}, getParameters: () => ({ encodings: [{}] }), setParameters: async () => {} };
    this.#transceivers.push({ sender, receiver: { track: { kind } } });
    return this.#transceivers.at(-1);
  }
  getTransceivers() {
    return this.#transceivers;
  }
  async setLocalDescription() {}
  close() {}
}
globalThis.RTCPeerConnection = Connection;
globalThis.MediaStream = class {
  addTrack() {}
};
const { RelayKeeper } = await import('../../web/static/js/relay_keeper.js');

test('a relay that refuses is asked ever more rarely, and not any more once it is not wanted', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const asked = [];
  let now = 0;
  const send = async () => {
    asked.push(now);
    throw Object.assign(new Error('refused'), { code: 'too_many' });
  };
  const keeper = new RelayKeeper({ send, recycle() {} }, ['audio', 'video'], { voices: 1, pictures: 1 });
  const wish = { relay: { turn: 1 }, ice: { servers: [], policy: 'all' }, sending: true, picture: true };
  const pass = async (seconds) => {
    for (let step = 0; step < seconds * 20; step++) {
      await new Promise(setImmediate);
      mock.timers.tick(50);
      now += 50;
    }
  };
  keeper.follow(wish);
  await pass(60);
  assert.ok(asked.length > 8 && asked.length < 14, `asked ${asked.length} times in a minute`);
  assert.ok(asked.at(-1) - asked.at(-2) >= 8000);
  keeper.drop();
  const before = asked.length;
  await pass(20);
  assert.equal(asked.length, before);
});
