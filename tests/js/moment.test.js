import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document = { documentElement: { lang: 'en' }, getElementById: () => null };
const { moment } = await import('../../web/static/js/words.js');

const HOUR = 3600_000;
const now = Date.parse('2026-03-02T12:00:00Z'); // a Monday

test('another day is named by its weekday, and one that may be mistaken by its date too', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now });
  const at = (hours) => moment(now + hours * HOUR, 'UTC');
  assert.equal(at(2), '14:00');
  assert.match(at(24), /^Tuesday\D+12:00$/);
  assert.match(at(6 * 24), /^Sunday\D+12:00$/);
  assert.match(at(7 * 24), /^Monday,? 9 March\D+12:00$/);
  assert.match(at(-8 * 24), /^Sunday,? 22 February\D+12:00$/);
});

test('days are counted where the showroom is', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-02T23:30:00Z') });
  const soon = Date.parse('2026-03-03T08:00:00Z');
  assert.match(moment(soon, 'UTC'), /^Tuesday/);
  assert.equal(moment(soon, 'Europe/Paris'), '09:00');
});
