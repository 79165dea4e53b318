import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  lineIsGood, withFastStart, withoutFastStart,
} from '../../web/static/js/start_bitrate.js';

globalThis.navigator ??= /** @type {any} */ ({});

const SDP = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96', 'a=rtpmap:98 H264/90000', 'a=fmtp:98 packetization-mode=1', '',
].join('\r\n');

test('every video codec gets the hint, and nothing else does', () => {
  const lines = withFastStart(SDP).split('\r\n');
  const hinted = lines.filter((line) => line.includes('x-google-start-bitrate'));
  assert.deepEqual(hinted.map((line) => line.split(' ')[0]), ['a=fmtp:96', 'a=fmtp:98']);
});

test('taking the hint out gives the description back as it was', () => {
  assert.equal(withoutFastStart(withFastStart(SDP)), SDP);
});

test('a line is good only where a file that tells something came fast', () => {
  const file = (transferSize, milliseconds) => [
    { transferSize, responseStart: 100, responseEnd: 100 + milliseconds },
  ];
  assert.equal(lineIsGood(file(50_000, 20)), true);
  assert.equal(lineIsGood(file(50_000, 2000)), false);
  assert.equal(lineIsGood(file(2_000, 1)), false);
  assert.equal(lineIsGood(file(0, 1)), false);
  assert.equal(lineIsGood([]), false);
});
