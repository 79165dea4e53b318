import assert from 'node:assert/strict';
import { test } from 'node:test';

// The module's page: it has no words yet, so each key stands for itself.
globalThis.document = { documentElement: { lang: 'en' }, getElementById: () => null };
const { hindrances, isInApp } = await import('../../web/static/js/customer/preflight.js');

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const ANDROID = 'Mozilla/5.0 (Linux; Android 14; Pixel 8';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0.0.0 Mobile Safari/537.36';
const SAFARI = `${IPHONE} Version/17.4 Mobile/15E148 Safari/604.1`;

test('the browsers of apps are told from real ones', () => {
  const apps = [
    `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/456.0.0.42.108;FBBV/573]`,
    `${IPHONE} Mobile/15E148 Instagram 325.0.3.30.102 (iPhone14,5; iOS 17_4)`,
    `${IPHONE} Mobile/15E148`,
    `${ANDROID} Build/UQ1A; wv) ${CHROME}`,
    `${ANDROID} Build/UQ1A; wv) ${CHROME} [FB_IAB/FB4A;FBAV/456.0.0.0.1;]`,
    `${ANDROID}) ${CHROME} MicroMessenger/8.0.47`,
  ];
  const browsers = [
    SAFARI,
    `${IPHONE} CriOS/124.0.6367.88 Mobile/15E148 Safari/604.1`,
    `${IPHONE} FxiOS/125.0 Mobile/15E148 Safari/605.1.15`,
    `${ANDROID}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36`,
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
  ];
  for (const agent of apps) assert.equal(isInApp(agent), true, agent);
  for (const agent of browsers) assert.equal(isInApp(agent), false, agent);
});

test('what is in the way is named with its remedy, the gravest thing first', () => {
  const found = (changes) => hindrances({ calls: true, capture: '', agent: SAFARI, ...changes });
  const app = `${IPHONE} Mobile/15E148`;
  assert.deepEqual(found({}), []);
  assert.deepEqual(found({ calls: false }), ['customer.unsupported']);
  assert.deepEqual(found({ calls: false, agent: app }), ['customer.unsupported_in_app']);
  assert.deepEqual(found({ agent: app }), ['customer.preflight.in_app']);
  for (const capture of ['SecurityError', 'NoCaptureError']) {
    const words = ['customer.preflight.watch', `call.capture.${capture}`];
    assert.deepEqual(found({ capture }), words);
    assert.deepEqual(found({ capture, agent: app }), words);
  }
});
