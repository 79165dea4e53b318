import assert from 'node:assert/strict';
import { test } from 'node:test';

const texts = { hello: '{name}: {n} of {most}' };
const root = { lang: 'ar', dir: 'rtl' };
globalThis.document = {
  documentElement: root,
  getElementById: () => ({ textContent: JSON.stringify(texts) }),
};
const { t } = await import('../../web/static/js/words.js');

test('what is filled into a sentence from the right keeps its own way', () => {
  assert.equal(t('hello', { name: 'Zoé (2)', n: -1 }), '\u2068Zoé (2)\u2069: \u2068-1\u2069 of {most}');
});

test('in one that runs to the right nothing is added', () => {
  root.dir = 'ltr';
  assert.equal(t('hello', { name: 'Zoé (2)', n: -1 }), 'Zoé (2): -1 of {most}');
});
