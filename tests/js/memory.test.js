import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forget, recall, remember } from '../../web/static/js/advisor/memory.js';

/** A tab's storage; a full one refuses everything. */
function storage({ full = false } = {}) {
  const kept = new Map();
  globalThis.sessionStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem(key, text) {
      if (full) throw new Error('QuotaExceededError');
      kept.set(key, text);
    },
  };
}

test('a tab remembers of a call whatever was told of it, and nothing of another one', () => {
  storage();
  remember('a', { off: ['audio'] });
  remember('a', { form: { reason: 'Saturday' } });
  assert.deepEqual(recall('a').off, ['audio']);
  assert.deepEqual(recall('a').form, { reason: 'Saturday' });
  assert.deepEqual(recall('b'), {});
  remember('b', { off: ['video'] });
  assert.deepEqual(recall('a'), {});
  assert.equal(recall('b').form, undefined);
  forget();
  assert.deepEqual(recall('b'), {});
});

test('a browser that keeps nothing takes nothing with it', () => {
  storage({ full: true });
  remember('a', { off: ['audio'] });
  assert.deepEqual(recall('a'), {});
  forget();
});
