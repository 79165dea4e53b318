import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document = /** @type {any} */ ({
  documentElement: { lang: 'en' },
  getElementById: () => null,
});
const { Steady, rungLine } = await import('../../web/static/js/rung_line.js');

test('a picture that is as large as it can be needs no line', () => {
  assert.equal(rungLine({ rung: 'full', narrowed: '' }, 'customer'), '');
  assert.notEqual(rungLine({ rung: 'middle', narrowed: 'line' }, 'customer'), '');
});

test('what is true for a moment is not said', () => {
  const steady = new Steady();
  assert.equal(steady.say('slow', 0), '');
  assert.equal(steady.say('slow', 1000), '');
  assert.equal(steady.say('', 1200), '');
  assert.equal(steady.say('slow', 1400), '');
  assert.equal(steady.say('slow', 2900), 'slow');
});

test('however often the truth changes, the line changes at most every four seconds', () => {
  const steady = new Steady();
  const said = [];
  for (let now = 0; now < 60_000; now += 500) {
    const text = steady.say(now % 4000 < 2000 ? 'slow' : 'lossy', now);
    if (text !== said.at(-1)?.text) said.push({ text, now });
  }
  const pauses = said.slice(2).map((one, at) => one.now - said[at + 1].now);
  assert.ok(Math.min(...pauses) >= 4000, pauses.join());
});
