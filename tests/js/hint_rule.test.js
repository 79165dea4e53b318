import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HintRule } from '../../web/static/js/advisor/hint_rule.js';

/** What stands after each of some remarks, two seconds apart. */
const follow = (rule, remarks, from = 0) =>
  remarks.map((remark, index) => rule.see(remark, from + index * 2000));

test('a fault that is seen once is no hint', () => {
  assert.deepEqual(follow(new HintRule(), ['dark', 'well', 'dark', 'blurred']), ['', '', '', '']);
});

test('a fault that is seen twice in a row is a hint', () => {
  assert.deepEqual(follow(new HintRule(), ['well', 'dark', 'dark']), ['', '', 'dark']);
});

test('a hint stands over one good picture and goes with the second', () => {
  const seen = follow(new HintRule(), ['dark', 'dark', 'well', 'dark', 'well', 'well']);
  assert.deepEqual(seen, ['', 'dark', 'dark', 'dark', 'dark', '']);
});

test('there is no second hint within ten seconds of the first', () => {
  const rule = new HintRule();
  const seen = follow(rule, ['dark', 'dark', 'glare', 'glare', 'glare', 'glare', 'glare']);
  assert.deepEqual(seen, ['', 'dark', 'dark', 'dark', 'dark', 'dark', 'glare']);
});

test('nor within ten seconds of one that is gone', () => {
  const rule = new HintRule();
  const seen = follow(rule, ['dark', 'dark', 'well', 'well', 'blurred', 'blurred', 'blurred']);
  assert.deepEqual(seen, ['', 'dark', 'dark', '', '', '', 'blurred']);
});

test('a fault that lasts stays on the screen, and is announced once', () => {
  const rule = new HintRule();
  let began = 0;
  let before = '';
  for (let now = 0; now < 120_000; now += 2000) {
    const hint = rule.see('dark', now);
    if (hint && !before) began++;
    before = hint;
  }
  assert.equal(began, 1);
});

test('a hint that was dismissed stays away for a minute, and others do not', () => {
  const rule = new HintRule();
  follow(rule, ['dark', 'dark']);
  rule.dismiss(3000);
  assert.equal(rule.hint, '');
  assert.ok(follow(rule, Array(25).fill('dark'), 4000).every((hint) => hint === ''));
  assert.equal(follow(rule, ['glare', 'glare'], 54_000)[1], 'glare');
  assert.equal(follow(rule, ['dark', 'dark'], 70_000)[1], 'dark');
});

test('what one camera was seen to show says nothing of the next', () => {
  const rule = new HintRule();
  rule.see('dark', 0);
  rule.forget();
  assert.equal(rule.see('dark', 2000), '');
});
