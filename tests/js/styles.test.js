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
