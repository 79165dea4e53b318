import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agreed, isNarrow, knownRate, rateBehind, rateOf, remembered, askedStart, startOf, withStart, withoutStart,
} from '../../web/static/js/start_bitrate.js';

const SDP = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96', 'a=rtpmap:98 H264/90000', 'a=fmtp:98 packetization-mode=1', '',
].join('\r\n');

test('every video codec gets the start, and nothing else does', () => {
  const lines = withStart(SDP, 2500).split('\r\n');
  const hinted = lines.filter((line) => line.includes('x-google-start-bitrate=2500'));
  assert.deepEqual(hinted.map((line) => line.split(' ')[0]), ['a=fmtp:96', 'a=fmtp:98']);
});

test('the other side is told once', () => {
  const told = withStart(SDP, 39, true);
  assert.equal(told.match(/x-google-start-bitrate/g)?.length, 1);
  assert.equal(askedStart(told), 39);
  assert.equal(askedStart(SDP), null);
});

test('taking the start out gives the description back as it was, and another one replaces it', () => {
  assert.equal(withoutStart(withStart(SDP, 2500)), SDP);
  assert.equal(withStart(withStart(SDP, 2500), null), SDP);
  assert.equal(withStart(withStart(SDP, 2500), 39), withStart(SDP, 39));
});

const file = (transferSize, from, milliseconds) => ({
  transferSize, responseStart: from, responseEnd: from + milliseconds,
});

test('the rate of a line is what its files took together', () => {
  assert.equal(rateOf([file(50_000, 100, 20)]), 20_000);
  // Two at once share the line; the time between them says nothing.
  assert.equal(rateOf([file(25_000, 0, 1000), file(25_000, 0, 1000)]), 400);
  assert.equal(rateOf([file(25_000, 0, 1000), file(25_000, 9000, 1000)]), 200);
  assert.equal(rateOf([file(25_000, 0, 1000), file(25_000, 500, 1000)]), 400_000 / 1500);
});

test('files from the cache, small ones and none at all tell nothing', () => {
  for (const files of [[file(2_000, 0, 1)], [file(0, 0, 1)], []]) assert.equal(rateOf(files), null);
});

test('the narrowest of what is known counts', () => {
  const fast = [file(50_000, 0, 20)];
  const slow = [file(14_000, 0, 2000)];
  assert.equal(knownRate([], '', {}), null);
  assert.equal(knownRate(fast, '', { downlink: 10 }), 20_000);
  assert.equal(knownRate(slow, '', { downlink: 10 }), 56);
  assert.equal(knownRate([], '', { downlink: 0.2 }), 200);
  assert.equal(knownRate(fast, `90 ${Date.now()}`, {}), 90);
  assert.ok(knownRate(fast, '', { saveData: true }) < 5000);
});

test('what a call has taught is forgotten after ten minutes', () => {
  assert.equal(remembered('90 1000', 1000 + 9 * 60_000), 90);
  assert.equal(remembered('90 1000', 1000 + 11 * 60_000), null);
  for (const broken of ['', 'x y', '90', '-5 1000']) assert.equal(remembered(broken, 1000), null);
});

test('a fast start is for two good lines, and a slow one for one narrow line', () => {
  assert.deepEqual([null, 20_000, 2000, 56].map(startOf), [null, 2500, null, 39]);
  assert.equal(agreed(2500, 2500), 2500);
  assert.equal(agreed(2500, null), null);
  assert.equal(agreed(null, 39), 39);
  assert.equal(agreed(140, 39), 39);
  assert.equal(rateBehind(39), (39 / 0.7) * 1000);
  assert.equal(rateBehind(2500), null);
  assert.equal(rateBehind(null), null);
});

test('a line is narrow only where something says so', () => {
  assert.deepEqual([null, 20_000, 2000, 699, 56].map(isNarrow), [false, false, false, true, true]);
});
