import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const WORDS = {
  'calls.one': '{n} rozmowa',
  'calls.few': '{n} rozmowy',
  'calls.other': '{n} rozmów',
  'stars.one': '{n} star',
  'stars.other': '{n} stars',
};

/** The module on a page in a language. It reads the page once, so each language gets its own. */
async function on(lang) {
  const block = { textContent: JSON.stringify(WORDS) };
  globalThis.document = { documentElement: { lang }, getElementById: () => block };
  return import(`../../web/static/js/words.js?${lang}`);
}

test('each number gets the plural that its language has', async () => {
  const { count } = await on('pl');
  const said = [1, 3, 5, 12, 22].map((n) => count('calls', n));
  assert.deepEqual(said, ['1 rozmowa', '3 rozmowy', '5 rozmów', '12 rozmów', '22 rozmowy']);
});

test('a form that is the same as the usual one need not be there', async () => {
  const { count } = await on('fr');
  assert.equal(count('stars', 0), '0 star');
  assert.equal(count('stars', 1_000_000).replaceAll('\u202f', ' '), '1 000 000 stars');
});

test('numbers are counted and written as at home', async () => {
  const pt = await on('pt');
  assert.equal(pt.count('stars', 0), '0 stars', 'in Brazil it would be one');
  assert.equal(pt.count('stars', 12_345).replaceAll('\u00a0', ' '), '12 345 stars');
  const en = await on('en');
  assert.equal(en.count('stars', 1204), '1,204 stars');
  assert.equal(en.money(3_499_000, 'EUR'), '€34,990');
});

test('languages and countries are named in the language of the page', async () => {
  const { countryName, languageName } = await on('de');
  assert.deepEqual([languageName('fr'), countryName('ES')], ['Französisch', 'Spanien']);
});

test('browser and server have the same homes of languages', () => {
  const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf-8');
  const pairs = (text) =>
    Array.from(text.matchAll(/"?(\w\w)"?: ['"](?:\w\w-)?(\w\w)['"]/g), ([, one, home]) => [one, home]);
  const [, browser] = read('web/static/js/words.js').match(/HOMES = (\{.*\})/);
  const [, server] = read('showroom/texts.py').match(/HOMES = (\{.*\})/);
  assert.deepEqual(pairs(browser), pairs(server));
  assert.ok(pairs(server).length > 1);
});
