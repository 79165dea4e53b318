import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaOf, fractionAt, panned, pinched, settled, WHOLE, zoomed } from '../../web/static/js/photo/zoom.js';

const boxes = [{ width: 390, height: 844 }, { width: 1440, height: 900 }, { width: 500, height: 500 }];
const pictures = [{ width: 3840, height: 2160 }, { width: 2160, height: 3840 }, { width: 320, height: 240 }];
const pairs = boxes.flatMap((box) => pictures.map((picture) => [box, picture]));
const near = (a, b, message) => assert.ok(Math.abs(a - b) < 0.01, `${message}: ${a} ${b}`);

test('the whole picture fits its box and lies in its middle', () => {
  for (const [box, picture] of pairs) {
    const area = areaOf(WHOLE, box, picture);
    near(Math.max(area.width / box.width, area.height / box.height), 1, 'fits');
    near(area.left + area.width / 2, box.width / 2, 'across');
    near(area.top + area.height / 2, box.height / 2, 'down');
  }
});

test('what is under the finger stays under it while the picture grows', () => {
  for (const [box, picture] of pairs) {
    const spot = { x: box.width * 0.5, y: box.height * 0.5 };
    const near1 = zoomed(WHOLE, 2, spot, box, picture);
    const aside = { x: box.width * 0.6, y: box.height * 0.45 };
    const before = fractionAt(aside, near1, box, picture);
    const grown = zoomed(near1, 1.3, aside, box, picture);
    const after = fractionAt(aside, grown, box, picture);
    // A side that is shorter than its box's lies in the middle, whatever the finger does.
    const area = areaOf(grown, box, picture);
    if (area.width > 1.3 * box.width) near(before.x, after.x, 'x');
    if (area.height > 1.3 * box.height) near(before.y, after.y, 'y');
  }
});

test('nobody loses the picture: it never leaves its box nor gets smaller than it', () => {
  for (const [box, picture] of pairs) {
    for (const view of [
      { scale: 0.01, x: 9000, y: -9000 },
      { scale: 3, x: 9000, y: -9000 },
      { scale: 1e6, x: -1e9, y: 1e9 },
    ]) {
      const kept = settled(view, box, picture);
      const area = areaOf(kept, box, picture);
      assert.ok(kept.scale >= 1);
      assert.ok(area.left <= box.width / 2 && area.left + area.width >= box.width / 2);
      assert.ok(area.top <= box.height / 2 && area.top + area.height >= box.height / 2);
      if (area.width > box.width) assert.ok(area.left <= 0.01 && area.left + area.width >= box.width - 0.01);
    }
  }
});

test('a large photo can be drawn in until each of its pixels is two of the screen', () => {
  for (const [box, picture] of pairs) {
    const { scale } = settled({ scale: 1e6, x: 0, y: 0 }, box, picture);
    const { width } = areaOf({ ...WHOLE, scale }, box, picture);
    assert.ok(width >= 2 * picture.width - 0.01, `${width} of ${picture.width}`);
    assert.ok(scale >= 4);
  }
});

test('two fingers that part draw in, and what each was on goes with it', () => {
  const [box, picture] = [boxes[0], pictures[1]];
  const before = [{ x: 150, y: 400 }, { x: 250, y: 400 }];
  const after = [{ x: 100, y: 410 }, { x: 320, y: 410 }];
  const view = pinched(WHOLE, before, after, box, picture);
  near(view.scale, 2.2, 'scale');
  const start = zoomed(WHOLE, 2, { x: 195, y: 422 }, box, picture);
  const moved = pinched(start, before, after, box, picture);
  for (const finger of [0, 1]) {
    const was = fractionAt(before[finger], start, box, picture);
    const is = fractionAt(after[finger], moved, box, picture);
    near(was.x, is.x, `finger ${finger}`);
    near(was.y, is.y, `finger ${finger}`);
  }
  const rested = pinched(view, before, before, box, picture);
  for (const key of ['scale', 'x', 'y']) near(rested[key], view[key], key);
});

test('a picture that fits can not be pushed about', () => {
  const [box, picture] = [boxes[1], pictures[0]];
  const { x, y } = panned(WHOLE, 300, -200, box, picture);
  near(x, 0, 'x');
  near(y, 0, 'y');
  const large = panned({ ...WHOLE, scale: 2 }, 100, 50, box, picture);
  assert.deepEqual([large.x, large.y], [100, 50]);
});

test('a spot beside the picture counts as its edge', () => {
  const [box, picture] = [boxes[0], pictures[0]];
  assert.deepEqual(fractionAt({ x: -50, y: -50 }, WHOLE, box, picture), { x: 0, y: 0 });
  assert.deepEqual(fractionAt({ x: 999, y: 999 }, WHOLE, box, picture), { x: 1, y: 1 });
});
