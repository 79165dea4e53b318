import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Notes } from '../../web/static/js/advisor/notes.js';

const refused = (code) => Object.assign(new Error(code), { code });

/** Notes whose server answers as the test says: with a refusal's code, or with nothing. */
function desk(t, answer = () => '') {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const saved = [];
  const states = [];
  let typed = () => {};
  const field = { value: '', addEventListener: (_, listener) => (typed = listener) };
  const save = async (text) => {
    saved.push(text);
    const code = answer();
    if (code) throw refused(code);
  };
  const notes = new Notes(field, save, (state) => states.push(state));
  return {
    notes,
    saved,
    states,
    type(text) {
      field.value = text;
      typed();
    },
    async pass(ms) {
      t.mock.timers.tick(ms);
      await new Promise(setImmediate);
    },
  };
}

test('notes are saved a moment after the last key', async (t) => {
  const { notes, saved, states, type, pass } = desk(t);
  notes.begin('a', '');
  type('Trades');
  await pass(500);
  type('Trades in an estate');
  await pass(500);
  assert.deepEqual(saved, []);
  await pass(500);
  assert.deepEqual(saved, ['Trades in an estate']);
  assert.equal(states.at(-1), 'saved');
});

test('notes belong to their call', async (t) => {
  const { notes, type } = desk(t);
  notes.begin('a', '');
  type('Of the first call');
  assert.equal(notes.of('a'), 'Of the first call');
  assert.equal(notes.of('b'), null);
});

test('notes that nobody answered for are saved again, for as long as the call lasts', async (t) => {
  const codes = ['no_answer', 'try_again', ''];
  const { notes, saved, states, type, pass } = desk(t, () => codes.shift());
  notes.begin('a', '');
  type('Hello');
  for (let seconds = 0; seconds < 30; seconds++) await pass(1000);
  assert.deepEqual(saved, ['Hello', 'Hello', 'Hello']);
  assert.equal(states.at(-1), 'saved');
});

test('a refusal that no repetition mends ends the saving, and is said', async (t) => {
  for (const code of ['illegal_move', 'not_found']) {
    const { notes, saved, states, type, pass } = desk(t, () => code);
    notes.begin('a', '');
    type('Hello');
    for (let seconds = 0; seconds < 30; seconds++) await pass(1000);
    assert.equal(saved.length, 1);
    assert.equal(states.at(-1), 'failed');
    t.mock.timers.reset();
  }
});

test('what goes another way is not saved from here, unless that way is closed', async (t) => {
  const { notes, saved, type, pass } = desk(t);
  notes.begin('a', '');
  type('With the outcome');
  notes.drop();
  await pass(5000);
  assert.deepEqual(saved, []);
  notes.keep();
  await pass(5000);
  assert.deepEqual(saved, ['With the outcome']);
});

test('what could not be saved in one call is never saved into the next', async (t) => {
  const { notes, saved, type, pass } = desk(t, () => 'no_answer');
  notes.begin('a', '');
  type('Of the first call');
  notes.leave();
  await pass(0);
  assert.deepEqual(saved, ['Of the first call']);
  notes.begin('b', '');
  for (let seconds = 0; seconds < 30; seconds++) await pass(1000);
  assert.equal(saved.length, 1);
  assert.equal(notes.of('b'), '');
});
