import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageWord as forAdvisor } from '../../web/static/js/advisor/stage_word.js';
import { soundLine, stageWord as forCustomer } from '../../web/static/js/customer/stage_word.js';
import { stageWord as forJoined } from '../../web/static/js/joined_word.js';

const fine = {
  call: {
    held: false, live_at: 5,
    advisor: { present: true, paused: false, microphone: true, camera: true },
    customer: { present: true },
  },
  health: 'up', online: true, started: true, frozen: false, settled: true,
  devices: { audio: 'on', video: 'on' },
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
  assert.equal(forCustomer(with_({}, {}, { paused: true, camera: false })), 'paused');
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

test('an advisor reads what the customer gets, whatever is on, off or taken away', () => {
  const words = {
    on: { on: null, off: 'no_microphone', lost: 'lost_microphone' },
    off: { on: 'no_camera', off: 'no_media', lost: 'lost_media' },
    lost: { on: 'lost_camera', off: 'lost_media', lost: 'lost_media' },
  };
  for (const [video, row] of Object.entries(words)) {
    for (const [audio, word] of Object.entries(row)) {
      const scene = with_({ devices: { audio, video } });
      assert.equal(forAdvisor(scene), word, `camera ${video}, microphone ${audio}`);
    }
  }
});

test('a customer to whom nothing is sent reads so, however it came about', () => {
  const nothing = { camera: false, microphone: false };
  for (const picture of [{ started: false }, { frozen: true }, {}]) {
    assert.equal(forCustomer(with_(picture, {}, nothing)), 'no_media');
  }
});

test('as long as nothing is known of the advisor\'s devices, nothing is said of them', () => {
  const unknown = { camera: false, microphone: false };
  assert.equal(forCustomer(with_({ settled: false, started: false }, {}, unknown)), 'connecting');
  assert.equal(forCustomer(with_({ settled: false }, {}, unknown)), null);
});

test('a picture without sound has a line, and only that', () => {
  const advisor = { camera: true, microphone: false, paused: false };
  assert.equal(forCustomer(with_({}, {}, { ...advisor, paused: true })), null);
  assert.equal(soundLine(advisor), 'sound_off');
  assert.equal(soundLine({ ...advisor, paused: true }), 'sound_lost');
  assert.equal(soundLine({ ...advisor, microphone: true }), '');
  assert.equal(soundLine({ ...advisor, camera: false }), '');
  assert.equal(soundLine(null), '');
});

test('a companion and a manager never see a black or a frozen picture without a word', () => {
  const scene = {
    call: { held: false, advisor: { camera: true } }, health: 'up', started: true, frozen: false,
  };
  const word = (changes, call = {}) => forJoined({ ...scene, ...changes, call: { ...scene.call, ...call } });
  assert.equal(word({}), '');
  assert.equal(word({ health: null, started: false }), 'connecting');
  assert.equal(word({ started: false }), 'connecting');
  assert.equal(word({ health: 'down' }), 'reconnecting');
  assert.equal(word({ health: null }), 'reconnecting');
  assert.equal(word({ frozen: true }), 'frozen');
  assert.equal(word({ frozen: true }, { advisor: { camera: false } }), 'no_camera');
  assert.equal(word({ health: 'down' }, { held: true }), 'held');
});
