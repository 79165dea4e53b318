import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document = { documentElement: { lang: 'en' }, getElementById: () => null };
const days = await import('../../web/static/js/booking/days.js');
const { moment } = await import('../../web/static/js/words.js');

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
  assert.deepEqual(clock, ['01:00', '02:00 CEST', '02:00 CET', '03:00']);
});

test('a time that the day has twice says which of the two, in every zone', () => {
  const night = (from, zone, step, many) =>
    slots(from, step, many).map((slot) => days.timeOf(slot.starts_at, zone));
  const newYork = night('2026-11-01T04:30:00Z', 'America/New_York', 30, 6);
  assert.equal(newYork[0], '00:30');
  assert.deepEqual(newYork.slice(1, 5).map((time) => time.slice(0, 5)),
    ['01:00', '01:30', '01:00', '01:30']);
  assert.equal(newYork[5], '02:00');
  // The clock goes back by half an hour, so only half an hour comes twice.
  const lordHowe = night('2026-04-04T14:15:00Z', 'Australia/Lord_Howe', 15, 7);
  assert.equal(lordHowe[0], '01:15');
  assert.deepEqual(lordHowe.slice(1, 5).map((time) => time.slice(0, 5)),
    ['01:30', '01:45', '01:30', '01:45']);
  assert.deepEqual(lordHowe.slice(5), ['02:00', '02:15']);
  for (const doubled of [newYork, lordHowe].map((times) => times.slice(1, 5))) {
    assert.equal(new Set(doubled).size, 4);
    for (const time of doubled) assert.match(time, /^\d\d:\d\d \S+/);
  }
});

test('no other day names its clock, not even the one that lacks an hour', () => {
  const zones = ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tokyo', 'UTC'];
  const spring = ['2026-03-28', '2026-03-08', '2026-10-03', '2026-07-01', '2026-10-25'];
  for (const [n, zone] of zones.entries()) {
    for (const { starts_at: at } of slots(`${spring[n]}T00:00:00Z`, 15, 2 * 96)) {
      assert.match(days.timeOf(at, zone), /^\d\d:\d\d$/);
      assert.deepEqual(days.whichClock(at, zone), {});
    }
  }
});

test('a moment in the doubled hour says which one it is as well', () => {
  const at = Date.parse('2026-10-25T00:50:00Z');
  const said = moment(at, 'Europe/Paris', days.whichClock(at, 'Europe/Paris'));
  assert.match(said, /02:50 CEST$/);
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
  // Chicago's clock is put back, Regina's never: they agree all the same.
  const doubled = Date.parse('2026-11-01T07:00:00Z');
  assert.ok(days.sameClock(doubled, 'America/Chicago', 'America/Regina'));
  assert.match(days.zoneName('Asia/Tokyo', summer), /Japan/);
  assert.equal(days.zoneName('UTC', summer), 'Coordinated Universal Time');
  assert.equal(days.zoneName('Nowhere/At_All', summer), 'Nowhere/At_All');
});
