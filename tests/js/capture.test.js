import assert from 'node:assert/strict';
import { test } from 'node:test';

/** A device's track; `refuses` says which constraints its camera does not take. */
function trackOf(kind, deviceId, refuses = () => false) {
  const applied = [];
  return {
    kind,
    applied,
    readyState: 'live',
    muted: false,
    enabled: true,
    addEventListener: () => {},
    getSettings: () => ({ deviceId }),
    stop() {
      this.readyState = 'ended';
    },
    async applyConstraints(wanted) {
      if (refuses(wanted)) throw new Error('OverconstrainedError');
      applied.push(wanted);
    },
  };
}

/** A phone with these cameras, the rear one first; those in `failing` don't open. */
function phone({ cameras = ['rear', 'front'], failing = new Set(), refuses } = {}) {
  const asked = [];
  const value = {
    mediaDevices: {
      addEventListener: () => {},
      enumerateDevices: async () => cameras.map((deviceId) => ({ kind: 'videoinput', deviceId })),
      async getUserMedia({ audio, video }) {
        if (video) asked.push(video.deviceId?.exact ?? video.facingMode.ideal);
        const camera = video?.deviceId?.exact ?? cameras[0];
        if (video && failing.has(camera)) {
          throw Object.assign(new Error(), { name: 'NotReadableError' });
        }
        const tracks = [audio && trackOf('audio'), video && trackOf('video', camera, refuses)];
        return { getTracks: () => tracks.filter(Boolean) };
      },
    },
  };
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value });
  return asked;
}

globalThis.window = globalThis;
globalThis.isSecureContext = true;
globalThis.document = { hidden: false, addEventListener: () => {} };
const { Capture } = await import('../../web/static/js/capture.js');

test('a camera that failed at first gives way to the next ones until one starts', async () => {
  phone({ failing: new Set(['rear']) });
  const capture = new Capture('environment');
  await capture.open('audio', 'video');
  assert.equal(capture.isOn('video'), false);
  await assert.rejects(capture.switchCamera(), { name: 'NotReadableError' });
  assert.equal(capture.isOn('video'), false);
  await capture.switchCamera();
  assert.equal(capture.isOn('video'), true);
  assert.equal(capture.track('video').readyState, 'live');
  assert.equal(capture.track('video').getSettings().deviceId, 'front');
});

test('where no camera starts none stays wanted, and one that ran is taken again', async (t) => {
  const failing = new Set(['rear', 'front']);
  const asked = phone({ failing });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const capture = new Capture('environment');
  const later = async () => {
    t.mock.timers.tick(10_000);
    await new Promise(setImmediate);
  };
  await capture.open('video');
  await assert.rejects(capture.switchCamera());
  const before = asked.length;
  await later();
  assert.equal(asked.length, before);

  failing.clear();
  await capture.open('video');
  failing.add('rear').add('front');
  await assert.rejects(capture.switchCamera());
  failing.clear();
  await later();
  assert.equal(capture.track('video').readyState, 'live');
});

test('each call begins with the camera at the back, whatever the last one ended with', async () => {
  const asked = phone();
  const capture = new Capture('environment');
  await capture.open('video');
  await capture.switchCamera();
  capture.closeAll();
  await capture.open('video');
  assert.deepEqual(asked, ['environment', 'front', 'environment']);
});

test('a camera that takes its light only by itself gets it so', async () => {
  phone({ refuses: (wanted) => 'width' in wanted });
  const capture = new Capture('environment');
  await capture.open('video');
  await capture.setLens({ torch: true });
  assert.deepEqual(capture.track('video').applied, [{ advanced: [{ torch: true }] }]);
});

test('a microphone is asked to take away its echo, its noise, and what is too quiet', async () => {
  phone();
  const wanted = [];
  const open = navigator.mediaDevices.getUserMedia;
  navigator.mediaDevices.getUserMedia = (given) => {
    wanted.push(given.audio);
    return open(given);
  };
  await new Capture('user').open('audio');
  const { echoCancellation, noiseSuppression, autoGainControl } = wanted[0];
  assert.deepEqual([echoCancellation, noiseSuppression, autoGainControl], [true, true, true]);
});
