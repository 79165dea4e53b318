import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRESH, look } from '../../web/static/js/silence.js';

/** Looks every 300 ms at a line on which `came(n)` tells what came by the n-th look. */
function firstSilence(came, { looks = 60, narrow = false } = {}) {
  let watch = FRESH;
  for (let n = 0; n < looks; n++) {
    const seen = look(watch, came(n), n * 300, narrow);
    if (seen.silent) return n * 300;
    watch = seen.watch;
  }
  return null;
}

test('a full line that dies is noticed within a second, a narrow one within three', () => {
  assert.equal(firstSilence((n) => Math.min(n, 20)), 20 * 300 + 900);
  const narrow = firstSilence((n) => Math.min(n, 20), { narrow: true });
  assert.ok(narrow !== null && narrow - 20 * 300 <= 3000);
});

test('a line on which little comes is never silent', () => {
  assert.equal(firstSilence((n) => Math.floor(n / 8)), null);
  assert.equal(firstSilence(() => 0), null);
});

test('comfort noise and short pauses are no silence', () => {
  assert.equal(firstSilence((n) => Math.floor(n / 2)), null);
  assert.equal(firstSilence((n) => (n < 20 ? n : Math.floor(n / 3))), null);
});
