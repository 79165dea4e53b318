import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingOf, verdictOf } from '../../web/static/js/check/findings.js';
import { rateOf } from '../../web/static/js/check/speed.js';

const GOOD = {
  browser: 'works', camera: 'works', microphone: 'works', socket: 'works',
  udp: 'works', tcp: 'works', tls: 'works', down: 20_000, up: 5000,
};

test('a speed is named by what it is good for', () => {
  const named = [2500, 2499, 800, 799, 200, 199, 40, 39, 0].map((kbit) => {
    const { mark, key } = findingOf('down', kbit);
    return `${key.replace('check.speed.', '')} ${mark}`;
  });
  assert.deepEqual(named, [
    'hd good', 'clear good', 'clear good', 'small fair', 'small fair', 'stills fair', 'stills fair',
    'none bad', 'none bad',
  ]);
  assert.deepEqual(findingOf('up', null), { mark: 'off', key: 'check.speed.unknown' });
});

test('what is not set up is no failure', () => {
  assert.deepEqual(findingOf('tls', 'off'), { mark: 'off', key: 'check.off' });
  assert.deepEqual(findingOf('udp', 'fails'), { mark: 'bad', key: 'check.udp.fails' });
});

test('a device that fails says how to mend it', () => {
  const { mark, key } = findingOf('camera', 'NotAllowedError');
  assert.deepEqual([mark, key], ['bad', 'call.capture.NotAllowedError']);
});

test('the verdict is the worst that is true', () => {
  /** @type {[object, string][]} */
  const cases = [
    [{}, 'good'],
    [{ microphone: 'silent' }, 'good'],
    [{ camera: 'NotFoundError' }, 'watch'],
    [{ tls: 'fails' }, 'good'],
    [{ udp: 'fails' }, 'detour'],
    [{ udp: 'fails', tcp: 'fails' }, 'detour'],
    [{ udp: 'fails', tcp: 'fails', tls: 'fails' }, 'closed'],
    [{ udp: 'fails', tcp: 'off', tls: 'off' }, 'closed'],
    [{ udp: 'off', tcp: 'off', tls: 'off' }, 'good'],
    [{ udp: 'fails', down: 300 }, 'small'],
    [{ camera: 'NotFoundError', down: 60 }, 'stills'],
    [{ down: 20 }, 'slow'],
    [{ down: null, up: null }, 'good'],
    [{ socket: 'fails', down: 20 }, 'socket'],
    [{ browser: 'fails', socket: 'fails' }, 'browser'],
  ];
  for (const [found, verdict] of cases) assert.equal(verdictOf({ ...GOOD, ...found }), verdict);
});

test('the first moment of a transfer does not count where there is more of it', () => {
  // 8 kB in the first 250 ms, then 125 kB a second: 1 Mbit/s.
  const marks = [[0, 1000], [250, 8000], [1250, 133_000], [2250, 258_000]];
  assert.equal(rateOf(marks), 1000);
});

test('a transfer that is over at once counts whole, and none can not be told', () => {
  assert.equal(rateOf([[0, 0], [100, 12_500]]), 1000);
  assert.equal(rateOf([[0, 500]]), null);
  assert.equal(rateOf([]), null);
});
