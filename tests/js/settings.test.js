import assert from 'node:assert/strict';
import { test } from 'node:test';

import { contrast, lookOf } from '../../web/static/js/settings/contrast.js';
import { spansOf, spansText } from '../../web/static/js/settings/spans.js';

test('hours are understood as people write them', () => {
  for (const text of ['09:00-12:30, 14:00-18:00', '9–12:30; 14–18', '9h-12h30, 14h à 18h', '9 to 12.30,14-18']) {
    assert.deepEqual(spansOf(text), ['09:00-12:30', '14:00-18:00'], text);
  }
  assert.deepEqual(spansOf('  '), []);
  assert.deepEqual(spansOf('0-24'), ['00:00-24:00']);
});

test('hours that can not be are none', () => {
  for (const text of ['18-9', '9-9', '9-25', '9:70-12', '14-18, 9-12', '9-12, 11-14', 'closed', '9']) {
    assert.equal(spansOf(text), null, text);
  }
});

test('hours come back as they were written', () => {
  const spans = ['09:00-12:30', '14:00-24:00'];
  assert.deepEqual(spansOf(spansText(spans)), spans);
});

test('contrast is what the guidelines say', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21);
  assert.equal(contrast('#777777', '#777777'), 1);
  // From the guidelines' own examples: the lightest grey on white that passes, and the next one.
  assert.ok(contrast('#767676', '#ffffff') >= 4.5);
  assert.ok(contrast('#777777', '#ffffff') < 4.5);
});

test('the colour of a logo is that of what can be seen of it', () => {
  assert.deepEqual(lookOf([255, 0, 0, 255, 0, 255, 0, 0]), { colour: '#ff0000', clear: true });
  assert.deepEqual(lookOf([0, 0, 0, 255, 255, 255, 255, 255]), { colour: '#808080', clear: false });
  assert.deepEqual(lookOf([9, 9, 9, 0]), { colour: '#000000', clear: true });
  assert.deepEqual(lookOf([]), { colour: '#000000', clear: false });
});
