import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticeOf, stateOf } from '../../web/static/js/advisor/notice.js';

const MINUTE = 60_000;
const now = Date.parse('2026-03-02T12:00:00Z');
const visit = (id, minutes, state = 'booked') => ({ id, starts_at: now + minutes * MINUTE, state });
const told = (visits, received) => {
  const notice = noticeOf(visits, now, received);
  return notice && [notice.kind, notice.visit.id];
};

test('a visit is announced in the ten minutes before it, and not sooner', () => {
  assert.equal(told([visit('a', 10.1)]), null);
  assert.deepEqual(told([visit('a', 10)]), ['soon', 'a']);
  assert.equal(noticeOf([visit('a', 10)], now)?.minutes, 10);
  assert.equal(noticeOf([visit('a', 0.5)], now)?.minutes, 1);
});

test('a guest who waits comes before a visit that begins soon, the earliest first', () => {
  const visits = [visit('later', 30, 'waiting'), visit('soon', 5), visit('now', -1, 'waiting')];
  assert.deepEqual(told(visits), ['waiting', 'now']);
  assert.deepEqual(told([visit('soon', 5), visit('left', -6, 'host_no_show')]), ['waiting', 'left']);
});

test('a guest who does not come is spoken of for ten minutes', () => {
  assert.deepEqual(told([visit('a', -10)]), ['begun', 'a']);
  assert.equal(told([visit('a', -10.1)]), null);
  assert.deepEqual(told([visit('a', -3), visit('b', 5)]), ['soon', 'b']);
});

test('nothing is said of what is over, under way, or in the call that rings', () => {
  for (const state of ['live', 'done', 'no_show']) assert.equal(told([visit('a', -1, state)]), null);
  assert.equal(told([visit('a', -1, 'waiting')], 'a'), null);
  assert.deepEqual(told([visit('a', -1, 'waiting'), visit('b', 5)], 'a'), ['soon', 'b']);
});

test('the list says nothing of a visit that is yet to come', () => {
  assert.equal(stateOf(visit('a', 1), now), '');
  assert.equal(stateOf(visit('a', -1), now), 'late');
  assert.equal(stateOf(visit('a', -1, 'waiting'), now), 'waiting');
});
