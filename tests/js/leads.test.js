import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document = { documentElement: { lang: 'en' }, getElementById: () => null };
const { dueOn, dueState, quickDays } = await import('../../web/static/js/leads/due.js');
const { isQualified, signed } = await import('../../web/static/js/lead/verdict.js');
const { missing } = await import('../../web/static/js/customer/request.js');

const PARIS = 'Europe/Paris';

test('a day is due at its end in the showroom’s zone, on either side of a clock change', () => {
  assert.equal(dueOn('2026-03-28', PARIS), '2026-03-28T18:00:00+01:00');
  assert.equal(dueOn('2026-03-29', PARIS), '2026-03-29T18:00:00+02:00');
  assert.equal(dueOn('2026-10-25', PARIS), '2026-10-25T18:00:00+01:00');
  assert.equal(dueOn('2026-10-04', 'Australia/Sydney'), '2026-10-04T18:00:00+11:00');
  assert.equal(dueOn('2026-06-01', 'Asia/Kolkata'), '2026-06-01T18:00:00+05:30');
  assert.equal(dueOn('2026-06-01', 'America/New_York'), '2026-06-01T18:00:00-04:00');
  assert.equal(dueOn('2026-01-01', 'UTC'), '2026-01-01T18:00:00+00:00');
});

test('one tap chooses tomorrow, the third day, or the next Monday, as the showroom counts days', () => {
  const dates = (now, zone) => quickDays(Date.parse(now), zone).map((day) => day.date);
  // A Sunday evening in UTC is a Monday morning in Sydney.
  const now = '2026-11-22T20:00:00Z';
  assert.deepEqual(dates(now, PARIS), ['2026-11-23', '2026-11-25', '2026-11-23']);
  assert.deepEqual(dates(now, 'Australia/Sydney'), ['2026-11-24', '2026-11-26', '2026-11-30']);
  assert.deepEqual(dates('2026-12-30T12:00:00Z', PARIS), ['2026-12-31', '2027-01-02', '2027-01-04']);
});

test('a lead is overdue from its moment on, and due today until midnight belongs to the next day', () => {
  const now = Date.parse('2026-11-22T17:00:00Z');
  const state = (due_at) => dueState({ due_at }, now, PARIS);
  assert.equal(state('2026-11-22T17:00:00Z'), 'overdue');
  assert.equal(state('2026-11-22T17:00:01Z'), 'today');
  assert.equal(state('2026-11-22T23:00:00Z'), 'today'); // midnight in Paris ends this day
  assert.equal(state('2026-11-22T23:00:01Z'), 'later');
  assert.equal(state(null), '');
});

test('a lead qualifies by its points, unless something stands in the way that the call’s end won’t clear', () => {
  const verdict = (score, ...rules) => ({
    score,
    reasons: [{ rule: 'phone', points: 10 }, ...rules.map((rule) => ({ rule, points: 0 }))],
  });
  assert.ok(isQualified(verdict(50), 50));
  assert.ok(!isQualified(verdict(49), 50));
  assert.ok(isQualified(verdict(50, 'in_call'), 50));
  assert.ok(!isQualified(verdict(90, 'in_call', 'no_consent'), 50));
  assert.ok(isQualified({ ...verdict(0), qualified_at: '2026-11-22T17:00:00Z' }, 50));
});

test('points say whether they are for or against', () => {
  assert.equal(signed(20), '+20');
  assert.equal(signed(-40), '−40');
});

test('a form names the first thing that is missing', () => {
  const typed = { name: 'Jo', email: '', phone: '01 42 68 53 00', consent: true };
  assert.equal(missing(typed, true), '');
  assert.equal(missing({ ...typed, name: '' }, true), 'name');
  assert.equal(missing({ ...typed, phone: '' }, true), 'contact');
  assert.equal(missing({ ...typed, phone: '12' }, true), 'phone');
  assert.equal(missing({ ...typed, email: 'jo@' }, false), 'email');
  assert.equal(missing({ ...typed, consent: false }, true), 'consent');
});
