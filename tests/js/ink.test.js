import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ink, MOST_POINTS, Pen } from '../../web/static/js/photo/ink.js';

const points = (...list) => list;
const more = (stroke, start, list, by = 'customer') => ({ by, stroke, start, points: list });

test('a stroke that comes in pieces, some of them twice, is the same stroke', () => {
  const ink = new Ink();
  ink.put(more('a', 0, points(0.1, 0.1, 0.2, 0.2)));
  ink.put(more('a', 2, points(0.3, 0.3)));
  ink.put(more('a', 1, points(0.2, 0.2, 0.3, 0.3, 0.4, 0.4)));
  ink.put(more('a', 0, points(0.1, 0.1)));
  assert.deepEqual(ink.strokes, [
    { by: 'customer', stroke: 'a', points: [0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4] },
  ]);
});

test('what goes on from nothing belongs to a stroke that was taken back', () => {
  const ink = new Ink();
  assert.equal(ink.put(more('a', 3, points(0.1, 0.1))), false);
  assert.deepEqual(ink.strokes, []);
});

test('each side takes back its own, and either clears all', () => {
  const ink = new Ink();
  for (const by of ['customer', 'advisor'])
    for (const stroke of ['a', 'b']) ink.put(more(stroke, 0, points(0, 0), by));
  assert.equal(ink.lastOf('customer').stroke, 'b');
  ink.remove('customer', 'b');
  assert.deepEqual(ink.strokes.map((one) => one.by + one.stroke), ['customera', 'advisora', 'advisorb']);
  ink.remove('advisor', null);
  assert.deepEqual(ink.strokes, []);
  assert.equal(ink.lastOf('customer'), undefined);
});

test('what the server knows takes the place of what was there', () => {
  const ink = new Ink();
  ink.put(more('old', 0, points(0, 0)));
  ink.load([{ by: 'advisor', stroke: 'new', points: [1, 1] }]);
  assert.deepEqual(ink.strokes.map((one) => one.stroke), ['new']);
});

test('a pen sends each point once, and again what did not arrive', () => {
  const pen = new Pen('s');
  pen.move({ x: 0.1, y: 0.1 });
  pen.move({ x: 0.2, y: 0.2 });
  const first = pen.batch;
  assert.deepEqual(first, { stroke: 's', start: 0, points: [0.1, 0.1, 0.2, 0.2] });
  pen.move({ x: 0.3, y: 0.3 });
  assert.equal(pen.batch.start, 0);
  pen.arrived(first);
  assert.deepEqual(pen.batch, { stroke: 's', start: 2, points: [0.3, 0.3] });
  pen.arrived(pen.batch);
  assert.equal(pen.batch, null);
});

test('a finger that rests draws nothing, and a long stroke ends', () => {
  const pen = new Pen('s');
  pen.move({ x: 0.5, y: 0.5 });
  assert.equal(pen.move({ x: 0.5004, y: 0.5004 }), null);
  let taken = 1;
  for (let i = 0; i < 2 * MOST_POINTS; i++) if (pen.move({ x: i % 2, y: i % 2 })) taken++;
  assert.equal(taken, MOST_POINTS);
  assert.ok(pen.isFull);
  let sent = 0;
  for (let batch = pen.batch; batch; batch = pen.batch) {
    assert.ok(batch.points.length <= 200);
    sent += batch.points.length / 2;
    pen.arrived(batch);
  }
  assert.equal(sent, MOST_POINTS);
});
