import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../web/static/css/', import.meta.url);
const css = readdirSync(folder)
  .map((name) => readFileSync(new URL(name, folder), 'utf-8'))
  .join('\n')
  .replace(/\/\*[\s\S]*?\*\//g, '');

/** What a browser animates without painting anything anew. */
const CHEAP = new Set(['opacity', 'scale', 'rotate', 'translate', 'transform']);

test('what moves without end is never painted anew', () => {
  const endless = new Set(Array.from(css.matchAll(/animation: (\w+)[^;]*\binfinite\b/g), (m) => m[1]));
  assert.ok(endless.size >= 3, [...endless].join());
  for (const name of endless) {
    const [, body] = css.match(new RegExp(`@keyframes ${name} \\{((?:[^{}]*\\{[^{}]*\\})*)\\s*\\}`));
    const properties = Array.from(body.matchAll(/([\w-]+):/g), (m) => m[1]);
    assert.ok(properties.length > 0, name);
    for (const property of properties) assert.ok(CHEAP.has(property), `${name}: ${property}`);
  }
});

test('what is hidden needs no rule of its own, and every token that is used stands somewhere', () => {
  const hiding = Array.from(css.matchAll(/([^{}]*\[hidden\])\s*\{\s*display: none[^}]*\}/g), (m) => m[1].trim());
  assert.deepEqual(hiding, ['[hidden]']);
  const names = (text, pattern) => new Set(Array.from(text.matchAll(pattern), (m) => m[1]));
  const scripts = readdirSync(new URL('../js/', folder), { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(new URL(`../js/${name}`, folder), 'utf-8'))
    .join('\n');
  const set = new Set([...names(css, /(--[\w-]+)\s*:/g), ...names(scripts, /'(--[\w-]+)'/g)]);
  for (const used of names(css, /var\((--[\w-]+)/g)) assert.ok(set.has(used), used);
});

test('nothing stands left or right but what is the same for everybody', () => {
  const sides = /(?<![\w-])(?:(?:margin|padding|border)-)?(?:left|right)(?:-[a-z]+)?:|: (?:left|right);/;
  const physical = css.split('\n').filter((line) => sides.test(line) && !line.includes('--forward'));
  assert.deepEqual(physical, []);
  // Four edges at once name the sides, too. In the middle, and in a picture, both are the same.
  const part = String.raw`((?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+)`;
  const edges = new RegExp(`(?:inset|margin|padding): ${part} ${part} ${part} ${part};`, 'g');
  const uneven = Array.from(css.matchAll(edges)).filter(([, , right, , left]) => right !== left);
  assert.ok(uneven.length > 0);
  for (const [rule, , right, , left] of uneven) {
    const centred = right === 'auto' && left === '50%';
    assert.ok(centred || rule === 'inset: 0 auto auto 0;', rule);
  }
});
