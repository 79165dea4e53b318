import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageWord as forAdvisor } from '../../web/static/js/advisor/stage_word.js';
import { stageWord as forCustomer } from '../../web/static/js/customer/stage_word.js';

const fine = {
  call: {
    held: false, live_at: 5,
    advisor: { present: true, paused: false, microphone: true, camera: true },
    customer: { present: true },
  },
  health: 'up', online: true, started: true, frozen: false, camera: true, paused: false,
};
const with_ = (changes, call = {}, advisor = {}) => ({
  ...fine, ...changes,
  call: { ...fine.call, ...call, advisor: { ...fine.call.advisor, ...advisor } },
});

test('a moving picture needs no word', () => {
  assert.equal(forCustomer(fine), null);
  assert.equal(forAdvisor(fine), null);
});

test('a frozen, black, held or paused picture never stands there without a word', () => {
  assert.equal(forCustomer(with_({ frozen: true })), 'frozen');
  assert.equal(forCustomer(with_({ started: false })), 'connecting');
  assert.equal(forCustomer(with_({}, { held: true })), 'held');
  assert.equal(forCustomer(with_({}, {}, { paused: true })), 'paused');
  assert.equal(forCustomer(with_({ health: 'down' })), 'reconnecting');
  assert.equal(forCustomer(with_({ health: 'new' })), 'reconnecting');
  assert.equal(forCustomer(with_({}, {}, { camera: false })), 'no_camera');
});

test('what is one\'s own fault is not blamed on the other side', () => {
  const broken = { health: 'down', online: false };
  assert.equal(forCustomer(with_(broken, {}, { present: false })), 'own_line');
  assert.equal(forAdvisor(with_(broken)), 'own_line');
  assert.equal(forCustomer(with_({ health: 'down' }, {}, { present: false })), 'advisor_away');
});

test('an advisor without a camera is told so', () => {
  assert.equal(forAdvisor(with_({ camera: false })), 'no_camera');
});
