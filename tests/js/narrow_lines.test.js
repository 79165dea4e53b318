import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSound } from '../../web/static/js/audio_sdp.js';
import { cameraLines } from '../../web/static/js/camera_lines.js';
import { biasOf, pictureOf, stillOf } from '../../web/static/js/climber.js';
import { encode, together } from '../../web/static/js/encodings.js';
import { RUNGS } from '../../web/static/js/ladder.js';
import { between, readLine } from '../../web/static/js/line_reading.js';
import { terse } from '../../web/static/js/slim_sdp.js';
import { Assembly, LARGEST, budgetOf, nextQuality } from '../../web/static/js/stills.js';
import { WALKING, changeBetween, judge } from '../../web/static/js/scene.js';

const [FULL, LARGE, MIDDLE, SMALL, STILLS] = RUNGS;
const camera = (width, height) => ({ getSettings: () => ({ width, height }) });

// ------------------------------------------------------------ what the senders are told

test('a picture is made as small as its rung, whichever way the phone is held', () => {
  const scale = (rung, ...size) => pictureOf(rung, 'motion', 0, camera(...size)).scaleResolutionDownBy;
  assert.equal(scale(FULL, 1280, 720), 1);
  assert.equal(scale(LARGE, 1280, 720), 720 / 540);
  assert.equal(scale(MIDDLE, 720, 1280), 2);
  assert.equal(scale(MIDDLE, 320, 240), 1);
});

test('a detail is sent larger and slower, a walk smaller and faster', () => {
  const walk = pictureOf(MIDDLE, 'motion', 0, camera(1280, 720));
  const detail = pictureOf(MIDDLE, 'detail', 0, camera(1280, 720));
  assert.ok(detail.scaleResolutionDownBy < walk.scaleResolutionDownBy);
  assert.ok(detail.maxFramerate < walk.maxFramerate);
  assert.equal(detail.maxBitrate, walk.maxBitrate);
  assert.equal(biasOf(MIDDLE, 'detail'), 'maintain-resolution');
  assert.equal(biasOf(MIDDLE, 'motion'), 'maintain-framerate');
});

test('the smallest picture never takes more than is left beside the sound', () => {
  for (let available = 50e3; available < 300e3; available += 5e3) {
    const { maxBitrate } = pictureOf(SMALL, 'motion', available, camera(1280, 720));
    assert.ok(maxBitrate <= Math.max(22e3, available - 2 * SMALL.sound), `${available}`);
    assert.ok(maxBitrate <= SMALL.picture);
  }
});

test('a camera is asked for 1080 lines where the line and the processor surely bear them', () => {
  assert.equal(cameraLines(20_000, 8), 1080);
  for (const unsure of [[null, 8], [3000, 8], [20_000, 4]]) assert.equal(cameraLines(...unsure), 720);
});

test('stills without a channel are one large frame a second, no dearer than the smallest picture', () => {
  const still = stillOf(camera(720, 1280));
  assert.deepEqual([still.maxFramerate, still.scaleResolutionDownBy], [1, 2]);
  assert.equal(still.maxBitrate, pictureOf(SMALL, 'motion', 0, camera(720, 1280)).maxBitrate);
  assert.equal(stillOf(camera(320, 240)).scaleResolutionDownBy, 1);
  assert.equal(biasOf(STILLS, 'motion'), 'maintain-resolution');
});

test('the rung of 540 lines keeps them, whatever moves', () => {
  for (const scene of ['motion', 'detail']) assert.equal(biasOf(LARGE, scene), 'maintain-resolution');
});

test('where stills are sent no picture moves', () => {
  assert.deepEqual(pictureOf(STILLS, 'motion', 0, camera(1280, 720)), { active: false });
});

test('a sender is active only while every layer lets it be', () => {
  assert.equal(together([{ active: true }, { maxBitrate: 1 }]).active, true);
  assert.equal(together([{ active: false }, { maxBitrate: 1 }]).active, false);
  assert.equal(together([{ active: true }, { active: false }]).active, false);
});

test('two layers that change a sender at the same time both get what they asked for', async () => {
  const [first, codec] = [{ mimeType: 'video/VP8' }, { mimeType: 'video/AV1' }];
  let sent = { codecs: [first, codec], encodings: [{}] };
  const sender = {
    getParameters: () => structuredClone(sent),
    setParameters: async (parameters) => {
      await new Promise(setImmediate);
      sent = parameters;
    },
  };
  const pc = { signalingState: 'stable' };
  await Promise.all([
    encode(pc, sender, 'flow', { active: false }),
    encode(pc, sender, 'rung', { maxBitrate: 20e3, codec: 'video/AV1' }),
    encode(pc, sender, 'flow', { active: true }),
  ]);
  assert.deepEqual(sent.encodings, [{ active: true, maxBitrate: 20e3, codec }]);
  await encode(pc, sender, 'rung', { codec: undefined });
  assert.deepEqual(sent.encodings, [{ active: true, maxBitrate: 20e3, codec: first }]);
});

test('a description says nothing twice', () => {
  const kept = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=msid:- one', 'a=rtcp-mux', 'a=ssrc:7 cname:x'];
  const twice = ['a=msid-semantic: WMS', 'a=rtcp:9 IN IP4 0.0.0.0', 'a=ssrc:7 msid:- one'];
  const sdp = [...kept, ...twice, ''].join('\r\n');
  assert.equal(terse(sdp), [...kept, ''].join('\r\n'));
});

// ------------------------------------------------------------ what is read of a line

test('a reading takes the worst of what is newly reported, on the chosen pair', () => {
  const reports = (bytes, picture) => [
    { type: 'transport', selectedCandidatePairId: 'p' },
    {
      type: 'candidate-pair', id: 'p', bytesSent: bytes, availableOutgoingBitrate: 250e3,
      currentRoundTripTime: 0.05,
    },
    { type: 'candidate-pair', id: 'q', bytesSent: 9e9, availableOutgoingBitrate: 9e9 },
    { type: 'outbound-rtp', kind: 'video', bytesSent: picture },
    { type: 'remote-inbound-rtp', id: 'a', timestamp: bytes, fractionLost: 0.02, roundTripTime: 0.3 },
    { type: 'remote-inbound-rtp', id: 'v', timestamp: bytes, fractionLost: 0.12, roundTripTime: 0.1 },
    { type: 'remote-inbound-rtp', id: 'old', timestamp: 1, fractionLost: 0.9, roundTripTime: 0.1 },
  ];
  const seen = between(readLine(reports(1000, 500), 0), readLine(reports(26_000, 600), 1000));
  const expected = { available: 250e3, sent: 200e3, loss: 0.12, roundTrip: 300, sending: true };
  assert.deepEqual(seen, expected);
});

test('a browser that says nothing of its line leaves the ladder with nothing to go by', () => {
  const seen = between(readLine([], 0), readLine([], 1000));
  const expected = { available: null, sent: 0, loss: null, roundTrip: null, sending: false };
  assert.deepEqual(seen, expected);
});

// ------------------------------------------------------------ sound

const SDP = [
  'v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9', 'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111',
  'a=rtpmap:9 G722/8000', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000', '',
].join('\r\n');

test('sound is asked for in long packets and few bits, and nothing of the picture changes', () => {
  const made = withSound(SDP, { rate: 12e3, packet: 60, twice: false });
  const lines = made.split('\r\n');
  assert.ok(lines.includes('m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9'));
  const wanted = 'a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;maxaveragebitrate=12000';
  assert.ok(lines.includes(wanted));
  assert.ok(lines.includes('a=ptime:60'));
  assert.equal(made.slice(made.indexOf('m=video')), SDP.slice(SDP.indexOf('m=video')));
});

test('what is asked for twice is asked for once, and the last word counts', () => {
  const first = withSound(SDP, { rate: 12e3, packet: 60, twice: false });
  const again = withSound(first, { rate: 32e3, packet: 20, twice: true });
  assert.equal(again, withSound(SDP, { rate: 32e3, packet: 20, twice: true }));
  assert.match(again, /^m=audio 9 UDP\/TLS\/RTP\/SAVPF 63 111 9\r$/m);
  const back = withSound(again, { rate: 12e3, packet: 60, twice: false });
  assert.equal(back, first);
});

test('a description without Opus, or without redundancy, stays one that can be taken', () => {
  const sound = { rate: 12e3, packet: 60, twice: true };
  const bare = SDP.replace(/^a=.*opus.*\r\n|^a=fmtp:111.*\r\n/gm, '');
  assert.equal(withSound(bare, sound), bare);
  const single = SDP.replace(/^a=.*red.*\r\n|^a=fmtp:63.*\r\n/gm, '').replace(' 63', '');
  assert.match(withSound(single, sound), /^m=audio 9 UDP\/TLS\/RTP\/SAVPF 111 9\r$/m);
});

// ------------------------------------------------------------ stills

test('a still has no more bytes than a line carries in seven seconds, and grows with the line', () => {
  for (const spare of [16e3, 30e3, 100e3, 400e3]) {
    assert.ok((budgetOf(spare).bytes * 8) / spare < 7);
  }
  assert.deepEqual([16e3, 80e3, 400e3].map((one) => budgetOf(one).width), [640, 960, 1280]);
});

test('the quality of stills finds the budget within four tries, whatever the picture holds', () => {
  for (const detail of [20_000, 60_000, 300_000]) {
    for (const budget of [10_000, 40_000, 150_000]) {
      const size = (quality) => detail * quality ** 1.2;
      let quality = 0.6;
      for (let n = 0; n < 4 && size(quality) > budget; n++) {
        quality = nextQuality(quality, size(quality), budget);
      }
      assert.ok(size(quality) <= budget || quality === 0.1, `${detail} ${budget}`);
    }
  }
});

test('pieces become a still only when all of them came, and as what they said they are', async () => {
  const assembly = new Assembly();
  assert.equal(assembly.add('{"type": "image/webp", "bytes": 5}'), null);
  assert.equal(assembly.add(new Uint8Array([1, 2, 3]).buffer), null);
  const still = assembly.add(new Uint8Array([4, 5]).buffer);
  assert.equal(still?.type, 'image/webp');
  assert.deepEqual([...new Uint8Array(await still.arrayBuffer())], [1, 2, 3, 4, 5]);
  assert.equal(assembly.add(new Uint8Array([6]).buffer), null);
});

test('what is no still of ours is dropped', () => {
  const heads = [
    'not JSON', 'null', '[]', '{}', '{"type": "image/svg+xml", "bytes": 3}',
    '{"type": "text/html", "bytes": 3}', '{"type": "image/webp", "bytes": -1}',
    '{"type": "image/webp", "bytes": 0}', '{"type": "image/webp", "bytes": 2.5}',
    `{"type": "image/webp", "bytes": ${LARGEST + 1}}`,
  ];
  for (const head of heads) {
    const assembly = new Assembly();
    assert.equal(assembly.add(head), null, head);
    assert.equal(assembly.add(new ArrayBuffer(3)), null, head);
  }
  const more = new Assembly();
  more.add('{"type": "image/webp", "bytes": 2}');
  assert.equal(more.add(new ArrayBuffer(3)), null);
  assert.equal(more.add(new ArrayBuffer(2)), null);
});

// ------------------------------------------------------------ scenes

const after = (changes, zoomed = false) => changes.reduce((w, one) => judge(w, one, zoomed), WALKING);
const times = (n, change) => Array(n).fill(change);

test('a picture that stands still for three seconds is a detail, and a walk ends it in one', () => {
  assert.equal(after(times(5, 2)).scene, 'motion');
  assert.equal(after(times(6, 2)).scene, 'detail');
  assert.equal(after([...times(6, 2), 30]).scene, 'detail');
  assert.equal(after([...times(6, 2), 30, 30]).scene, 'motion');
});

test('a change between the two thresholds decides nothing', () => {
  assert.equal(after(times(60, 9)).scene, 'motion');
  assert.equal(after([...times(6, 2), ...times(60, 9)]).scene, 'detail');
});

test('a picture that is drawn near may shake more', () => {
  assert.equal(after(times(6, 9), true).scene, 'detail');
  assert.equal(after([...times(6, 9), ...times(9, 20)], true).scene, 'detail');
});

test('the change of two pictures is their mean difference', () => {
  const grey = (level) => new Uint8ClampedArray(4 * 8).fill(level);
  assert.equal(changeBetween(grey(10), grey(10)), 0);
  assert.equal(changeBetween(grey(10), grey(40)), 30);
});
