import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.matchMedia = () => ({ matches: true });
const { fitFor } = await import('../../web/static/js/fit.js');

test('a picture is cropped only while most of it stays visible', () => {
  const phone = { width: 390, height: 844 };
  assert.equal(fitFor(phone, { width: 720, height: 1280 }), 'cover');
  assert.equal(fitFor(phone, { width: 1280, height: 720 }), 'contain');
  assert.equal(fitFor({ width: 844, height: 390 }, { width: 1280, height: 720 }), 'cover');
});

test('a picture whose shape is not known yet shows whole', () => {
  assert.equal(fitFor({ width: 1, height: 1 }, { width: 0, height: 0 }), 'contain');
});
