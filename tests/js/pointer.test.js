import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureArea, toFraction, toSpot } from '../../web/static/js/pointer.js';

const shapes = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
  { width: 360, height: 360 },
  { width: 2560, height: 600 },
];
const pictures = [
  { width: 1280, height: 720 },
  { width: 720, height: 1280 },
  { width: 640, height: 480 },
];

test('a spot of the picture comes back as the same fraction on every screen', () => {
  for (const box of shapes)
    for (const picture of pictures)
      for (const fit of ['contain', 'cover'])
        for (const fraction of [{ x: 0.5, y: 0.5 }, { x: 0.1, y: 0.9 }, { x: 0, y: 1 }]) {
          const back = toFraction(toSpot(fraction, box, picture, fit), box, picture, fit);
          assert.ok(Math.abs(back.x - fraction.x) < 1e-9 && Math.abs(back.y - fraction.y) < 1e-9);
        }
});

test('contain shows the whole picture and cover fills the whole box', () => {
  for (const box of shapes)
    for (const picture of pictures) {
      const inside = pictureArea(box, picture, 'contain');
      assert.ok(inside.width <= box.width + 1e-9 && inside.height <= box.height + 1e-9);
      const over = pictureArea(box, picture, 'cover');
      assert.ok(over.width >= box.width - 1e-9 && over.height >= box.height - 1e-9);
    }
});

test('a tap beside the picture points at nothing', () => {
  const box = { width: 1440, height: 2000 };
  assert.equal(toFraction({ x: 700, y: 5 }, box, pictures[0], 'contain'), null);
  assert.equal(toFraction({ x: 1, y: 1 }, box, { width: 0, height: 0 }, 'contain'), null);
});

test('the middle of a phone in portrait is the middle of a cropped landscape picture', () => {
  const found = toFraction({ x: 195, y: 422 }, shapes[0], pictures[0], 'cover');
  assert.deepEqual(found, { x: 0.5, y: 0.5 });
});
