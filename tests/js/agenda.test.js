import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Axis, inLanes } from '../../web/static/js/agenda/axis.js';

const HOUR = 3_600_000;

/** A day whose clock shows these hours, one after the other, from a moment on. */
function dayOf(hours, from = 0) {
  const pieces = hours.map((hour, n) => ({
    from: from + n * HOUR,
    until: from + (n + 1) * HOUR,
    hour,
    minute: 0,
    again: n > 0 && hours[n - 1] === hour,
  }));
  return { date: '', from, until: from + hours.length * HOUR, hours: pieces };
}

const ALL = Array.from({ length: 24 }, (_, hour) => hour);
const ordinary = dayOf(ALL);
const short = dayOf(ALL.filter((hour) => hour !== 2));
const long = dayOf([0, 1, 2, ...ALL.slice(2)]);
const whole = (day) => [day.from, day.until];

test('only the hours in which there is something are in sight', () => {
  const axis = new Axis([ordinary], [[9 * HOUR, 17.5 * HOUR]]);
  assert.deepEqual([axis.rows[0].hour, axis.rows.at(-1).hour], [9, 17]);
  assert.deepEqual(axis.stretch(ordinary, 10 * HOUR, 10.5 * HOUR), { from: 1, until: 1.5 });
});

test('an empty day shows the hours of an office', () => {
  const axis = new Axis([ordinary], []);
  assert.deepEqual([axis.rows[0].hour, axis.rows.length], [9, 9]);
});

test('a short day of work still has some rows, also late in the evening', () => {
  assert.equal(new Axis([ordinary], [[9 * HOUR, 10 * HOUR]]).rows.length, 6);
  const late = new Axis([ordinary], [[23 * HOUR, 24 * HOUR]]);
  assert.deepEqual([late.rows[0].hour, late.rows.length], [18, 6]);
  assert.deepEqual(late.stretch(ordinary, 23 * HOUR, 24 * HOUR), { from: 5, until: 6 });
});

test('the day of 23 hours has 23 rows when it stands alone', () => {
  const axis = new Axis([short], [whole(short)]);
  assert.deepEqual(axis.rows.slice(0, 3).map((row) => row.hour), [0, 1, 3]);
  assert.deepEqual(axis.gaps(short), []);
  // Three o'clock is two hours after midnight.
  assert.deepEqual(axis.stretch(short, 2 * HOUR, 3 * HOUR), { from: 2, until: 3 });
  assert.equal(axis.rows.length, 23);
});

test('beside others the day of 23 hours has a gap, and nine is nine in all of them', () => {
  const axis = new Axis([ordinary, short], [whole(ordinary), whole(short)]);
  assert.deepEqual(axis.gaps(short), [2]);
  assert.deepEqual(axis.gaps(ordinary), []);
  assert.equal(axis.stretch(short, 8 * HOUR, 9 * HOUR).from, 9);
  assert.equal(axis.stretch(ordinary, 9 * HOUR, 10 * HOUR).from, 9);
});

test('the day of 25 hours shows its hour twice, one below the other', () => {
  const axis = new Axis([long], [whole(long)]);
  assert.equal(axis.rows.length, 25);
  assert.deepEqual(axis.rows[2], { hour: 2, again: false });
  assert.deepEqual(axis.rows[3], { hour: 2, again: true });
  assert.deepEqual(axis.stretch(long, 2.5 * HOUR, 3.5 * HOUR), { from: 2.5, until: 3.5 });
  assert.deepEqual(axis.stretch(long, 24 * HOUR, 25 * HOUR), { from: 24, until: 25 });
});

test('beside the day of 25 hours the others lack the second passing', () => {
  const axis = new Axis([ordinary, long], [whole(ordinary), whole(long)]);
  assert.deepEqual(axis.gaps(ordinary), [3]);
  assert.deepEqual(axis.gaps(long), []);
});

test('what reaches over midnight is cut at it', () => {
  const axis = new Axis([ordinary], [whole(ordinary)]);
  assert.deepEqual(axis.stretch(ordinary, -HOUR, HOUR), { from: 0, until: 1 });
  assert.deepEqual(axis.stretch(ordinary, 23 * HOUR, 30 * HOUR), { from: 23, until: 24 });
  assert.equal(axis.stretch(ordinary, 24 * HOUR, 25 * HOUR), null);
});

const visit = (from, until) => ({ starts_at: from, ends_at: until });
const lanes = (visits) => inLanes(visits).map(({ lane, lanes: of }) => [lane, of]);

test('what follows one another has the whole width', () => {
  assert.deepEqual(lanes([visit(0, 10), visit(10, 20)]), [[0, 1], [0, 1]]);
});

test('what overlaps stands side by side, and only that', () => {
  const some = [visit(0, 10), visit(5, 15), visit(10, 20), visit(30, 40)];
  assert.deepEqual(lanes(some), [[0, 2], [1, 2], [0, 2], [0, 1]]);
});

test('three at one time have a third each', () => {
  const some = [visit(0, 10), visit(0, 10), visit(0, 10)];
  assert.deepEqual(lanes(some), [[0, 3], [1, 3], [2, 3]]);
});
