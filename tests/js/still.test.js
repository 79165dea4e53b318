import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stillSize } from '../../web/static/js/advisor/still.js';

test('a still of a large picture is 480 pixels long, whichever way the phone is held', () => {
  assert.deepEqual(stillSize(1280, 720), { width: 480, height: 272 });
  assert.deepEqual(stillSize(720, 1280), { width: 272, height: 480 });
});

test('a small picture is not enlarged: it would look out of focus', () => {
  assert.deepEqual(stillSize(320, 240), { width: 320, height: 240 });
});

test('both parts of a still end where a square of JPEG does', () => {
  for (const [width, height] of [[1920, 1080], [640, 272], [333, 777], [640, 480]]) {
    const size = stillSize(width, height);
    assert.equal((size.width / 2) % 8, 0);
    assert.equal(size.height % 16, 0);
  }
});

test('without a picture there is no size', () => {
  assert.deepEqual(stillSize(0, 0), { width: 0, height: 0 });
});
