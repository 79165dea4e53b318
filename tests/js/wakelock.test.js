import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WakeLock } from '../../web/static/js/wakelock.js';

/** A browser whose locks are granted when the test says so. */
function browser() {
  const asked = [];
  const locks = [];
  const request = () => new Promise((resolve) => asked.push(resolve));
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    value: { wakeLock: { request } },
  });
  globalThis.document = { hidden: false, addEventListener: () => {} };
  const grant = async () => {
    const lock = { released: false, release: async () => void (lock.released = true) };
    locks.push(lock);
    asked.shift()(lock);
    await new Promise(setImmediate);
  };
  return { grant, held: () => locks.filter((one) => !one.released).length };
}

test('a lock that is granted when the call is over already is let go', async () => {
  const { grant, held } = browser();
  const lock = new WakeLock();
  lock.keep(true);
  lock.keep(false);
  await grant();
  assert.equal(held(), 0);
});

test('two calls in a row hold one lock, and then none', async () => {
  const { grant, held } = browser();
  const lock = new WakeLock();
  lock.keep(true);
  lock.keep(false);
  lock.keep(true);
  await grant();
  await grant();
  assert.equal(held(), 1);
  lock.keep(false);
  await new Promise(setImmediate);
  assert.equal(held(), 0);
});
