import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document = { documentElement: { lang: 'en' }, getElementById: () => null };
const days = await import('../../web/static/js/booking/days.js');

const MINUTE = 60_000;
const slots = (from, step, many) =>
  Array.from({ length: many }, (_, n) => ({
    starts_at: Date.parse(from) + n * step * MINUTE,
    advisors: 1,
  }));

test('slots are put under the days of the reader, not of the showroom', () => {
  const evening = slots('2026-03-02T22:00:00Z', 60, 4); // 23:00 in Paris, 07:00 in Tokyo
  const keys = (zone) => days.byDay(evening, zone).map((day) => [day.key, day.slots.length]);
  assert.deepEqual(keys('Europe/Paris'), [['2026-03-02', 1], ['2026-03-03', 3]]);
  assert.deepEqual(keys('Asia/Tokyo'), [['2026-03-03', 4]]);
});

test('the day on which the clocks go back has its doubled hour twice', () => {
  const night = slots('2026-10-24T23:00:00Z', 60, 4);
  const [day] = days.byDay(night, 'Europe/Paris');
  assert.equal(day.key, '2026-10-25');
  const clock = day.slots.map((slot) => days.timeOf(slot.starts_at, 'Europe/Paris'));
  assert.deepEqual(clock, ['01:00', '02:00', '02:00', '03:00']);
});

test('a day has a night, a morning, an afternoon and an evening', () => {
  const parts = days.byPart(slots('2026-03-02T00:00:00Z', 60, 24), 'UTC');
  assert.deepEqual(
    parts.map(([name, some]) => [name, some.length]),
    [['night', 6], ['morning', 6], ['afternoon', 6], ['evening', 6]],
  );
});

test('only today and tomorrow go by these names', () => {
  const now = Date.parse('2026-03-02T23:30:00Z');
  const said = (hours, zone) => days.nearDay(now + hours * 60 * MINUTE, zone, now);
  assert.equal(said(0, 'UTC'), 'today');
  assert.equal(said(1, 'UTC'), 'tomorrow');
  assert.equal(said(1, 'Asia/Tokyo'), 'today');
  assert.match(said(25, 'UTC'), /^Wednesday,? 4 March$/);
  assert.match(said(-24, 'UTC'), /^Sunday,? 1 March$/);
});

test('two zones whose clocks agree need no second time', () => {
  const summer = Date.parse('2026-07-01T12:00:00Z');
  const between = Date.parse('2026-03-15T12:00:00Z'); // New York has changed its clocks already
  assert.ok(days.sameClock(summer, 'Europe/Paris', 'Europe/Berlin'));
  assert.ok(!days.sameClock(summer, 'Europe/Paris', 'Europe/London'));
  assert.ok(days.sameClock(between, 'America/New_York', 'America/Santo_Domingo'));
  assert.match(days.zoneName('Asia/Tokyo', summer), /Japan/);
  assert.equal(days.zoneName('UTC', summer), 'Coordinated Universal Time');
  assert.equal(days.zoneName('Nowhere/At_All', summer), 'Nowhere/At_All');
});
