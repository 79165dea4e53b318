import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Draft } from '../../web/static/js/lead/draft.js';
import { merge, same } from '../../web/static/js/lead/merge.js';

const EMPTY = { name: '', phone: '', wishes: [] };
const sheet = (more) => ({ ...EMPTY, ...more });

/** A draft whose server answers as the test says; without an answer it saves. */
function desk(t, answers = []) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent = [];
  const states = [];
  const shown = [];
  let version = 0;
  const save = async (from, what) => {
    sent.push({ from, ...what });
    const answer = answers.shift() ?? { ok: true };
    return answer.ok ? { version: ++version, ...answer } : answer;
  };
  const draft = new Draft(save, {
    state: (state) => states.push(state),
    joined: (joined, foreign) => shown.push({ joined, foreign }),
  });
  draft.begin(0, EMPTY);
  return {
    draft,
    sent,
    states,
    shown,
    async pass(ms) {
      t.mock.timers.tick(ms);
      await new Promise(setImmediate);
    },
  };
}

test('a sheet is saved a moment after the last key, once', async (t) => {
  const { draft, sent, states, pass } = desk(t);
  draft.change(sheet({ name: 'Je' }));
  await pass(500);
  draft.change(sheet({ name: 'Jeanne' }));
  await pass(500);
  assert.deepEqual(sent, []);
  await pass(500);
  assert.deepEqual(sent, [{ from: 0, ...sheet({ name: 'Jeanne' }) }]);
  assert.equal(states.at(-1), 'saved');
  await draft.flush();
  assert.equal(sent.length, 1);
});

test('what is typed while a save is on its way is saved after it, on its version', async (t) => {
  const { draft, sent, pass } = desk(t);
  draft.change(sheet({ name: 'Jeanne' }));
  const flushed = draft.flush();
  draft.change(sheet({ name: 'Jeanne Moreau' }));
  assert.equal(await flushed, true);
  await pass(1000);
  assert.deepEqual(sent.map((one) => [one.from, one.name]), [[0, 'Jeanne'], [1, 'Jeanne Moreau']]);
  assert.equal(draft.open, null);
});

test('what nobody answered for is sent again until somebody does', async (t) => {
  const silent = { ok: false, code: 'no_answer' };
  const { draft, sent, states, pass } = desk(t, [silent, silent]);
  draft.change(sheet({ phone: '0142685300' }));
  assert.equal(await draft.flush(), false);
  assert.equal(states.at(-1), 'again');
  for (let seconds = 0; seconds < 10; seconds++) await pass(1000);
  assert.equal(sent.length, 3);
  assert.equal(states.at(-1), 'saved');
});

test('what the server refuses for good is said, and not sent again by itself', async (t) => {
  const { draft, sent, states, pass } = desk(t, [{ ok: false, code: 'forbidden' }]);
  draft.change(sheet({ name: 'Jeanne' }));
  for (let seconds = 0; seconds < 10; seconds++) await pass(1000);
  assert.equal(sent.length, 1);
  assert.equal(states.at(-1), 'failed');
});

test('a newer version of another page is joined, told, and saved together', async (t) => {
  const theirs = sheet({ name: 'Jean', phone: '0142685300' });
  const { draft, sent, shown } = desk(t, [
    { ok: false, code: 'conflict', version: 7, sheet: theirs },
    { ok: true, version: 8 },
  ]);
  draft.change(sheet({ name: 'Jeanne' }));
  assert.equal(await draft.flush(), true);
  const joined = sheet({ name: 'Jeanne', phone: '0142685300' });
  assert.deepEqual(shown.at(-1), { joined, foreign: { name: 'Jean' } });
  assert.deepEqual(sent.at(-1), { from: 7, ...joined });
  assert.equal(draft.version, 8);
});

test('what an earlier page could not save is typed still, over what the server has', async (t) => {
  const { draft, sent, shown, pass } = desk(t);
  const open = { base: EMPTY, sheet: sheet({ name: 'Jeanne' }) };
  draft.begin(3, sheet({ phone: '0142685300' }), open);
  const joined = sheet({ name: 'Jeanne', phone: '0142685300' });
  assert.deepEqual(shown.at(-1), { joined, foreign: {} });
  await pass(1000);
  assert.deepEqual(sent, [{ from: 3, ...joined }]);
});

test('an answer about the last call says nothing of the present one', async (t) => {
  const { draft, sent, pass } = desk(t, [{ ok: true, version: 9 }]);
  draft.change(sheet({ name: 'Jeanne' }));
  draft.flush();
  draft.begin(0, EMPTY);
  await pass(0);
  assert.equal(draft.version, 0);
  draft.change(sheet({ name: 'Max' }));
  await pass(1000);
  assert.deepEqual(sent.map((one) => [one.from, one.name]), [[0, 'Jeanne'], [0, 'Max']]);
});

test('two sheets are joined field by field, and the typed one stays where both changed it', () => {
  const mine = sheet({ name: 'Jeanne', wishes: ['offer'] });
  const theirs = sheet({ name: 'Jean', phone: '1', wishes: ['offer'] });
  assert.deepEqual(merge(EMPTY, mine, theirs), {
    sheet: { name: 'Jeanne', phone: '1', wishes: ['offer'] },
    foreign: { name: 'Jean' },
  });
  assert.deepEqual(merge(EMPTY, EMPTY, theirs), { sheet: theirs, foreign: {} });
});

test('the order of fields makes no difference, the order of a list does', () => {
  assert.ok(same({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 }));
  assert.ok(!same(['a', 'b'], ['b', 'a']));
  assert.ok(!same({ a: '' }, {}));
});
