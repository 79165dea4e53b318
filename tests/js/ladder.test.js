import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_WISH, RUNGS, begin, step } from '../../web/static/js/ladder.js';

const SAVES = { saver: true, stills: false };
const STILLS = { saver: true, stills: true };
const name = (stand) => RUNGS[stand.rung].name;

/** A line that bears so much: senders fill it, and wait in its queue where they send too much. */
function second(line, stand, { loss = 0, noise = 0, chance = () => 0.5 } = {}) {
  const { picture, sound } = RUNGS[stand.rung];
  const wanted = picture + 2 * sound;
  const believed = Math.min(line, 1.5 * wanted + 10_000) * (1 + noise * (chance() - 0.5));
  const queued = RUNGS[stand.rung].holds > line || stand.pace + 24e3 > line ? 1500 : 0;
  return { available: believed, sent: Math.min(wanted, line), loss, roundTrip: 80 + queued };
}

function ride(stand, seconds, line, { wish = NO_WISH, ...how } = {}) {
  const seen = [];
  for (let n = 0; n < seconds; n++) {
    const at = typeof line === 'function' ? line(n) : line;
    const next = step(stand, second(at, stand, how), wish);
    if (next.rung !== stand.rung) seen.push({ at: n, from: name(stand), to: name(next), why: next.why });
    stand = next;
  }
  return { stand, seen };
}

/** A repeatable chance (Numerical Recipes' linear congruence). */
function dice(seed) {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

test('on a line of which nothing is known the picture begins as large as it can be', () => {
  assert.equal(name(begin(null)), 'full');
  assert.equal(begin(null).why, '');
});

test('what is known of a line chooses the first rung', () => {
  const first = (known) => name(begin(known));
  const known = [2e6, 900e3, 300e3, 56e3, 20e3];
  assert.deepEqual(known.map(first), ['full', 'large', 'middle', 'small', 'stills']);
  assert.equal(begin(56e3).why, 'line');
});

test('a line that gets narrow is followed down within three seconds, at once to where it holds', () => {
  const { stand } = ride(begin(null), 30, 3e6);
  const { seen } = ride(stand, 3, 56e3);
  assert.deepEqual(seen.map((one) => [one.to, one.why]), [['small', 'line']]);
});

test('a line that gets wide again is followed up to the top, one rung at a time', () => {
  const { seen } = ride(begin(20e3), 120, 5e6);
  assert.deepEqual(seen.map((one) => one.to), ['small', 'middle', 'large', 'full']);
  assert.equal(ride(begin(20e3), 120, 5e6).stand.why, '');
});

test('an estimate that still grows takes nothing away', () => {
  let stand = begin(null);
  for (let believed = 300e3; believed < 2e6; believed *= 1.08) {
    stand = step(stand, { available: believed, sent: believed, loss: 0, roundTrip: 60 });
    assert.equal(name(stand), 'full');
  }
});

test('a picture that needs little is no sign of a narrow line', () => {
  let stand = begin(null);
  for (let n = 0; n < 60; n++) {
    stand = step(stand, { available: 320e3, sent: 90e3, loss: 0, roundTrip: 60 });
  }
  assert.equal(name(stand), 'full');
});

test('ten packets of a hundred lost at random send sound twice and leave the picture', () => {
  const { stand } = ride(begin(null), 60, 3e6, { loss: 0.1 });
  assert.equal(name(stand), 'full');
  assert.equal(stand.twice, true);
  const after = ride(stand, 15, 3e6).stand;
  assert.equal(after.twice, false);
});

test('where half of all is lost, or all stands in a queue, the picture gives way and says why', () => {
  const under = (reading) => {
    let stand = begin(null);
    stand = step(stand, { available: null, sent: 1e6, loss: 0, roundTrip: 50 });
    for (let n = 0; n < 5 && stand.rung === 0; n++) stand = step(stand, reading);
    return [name(stand), stand.why];
  };
  const reading = { available: null, sent: 1e6, loss: 0, roundTrip: 50 };
  assert.deepEqual(under({ ...reading, loss: 0.5 }), ['large', 'loss']);
  assert.deepEqual(under({ ...reading, roundTrip: 1200 }), ['large', 'delay']);
});

test('a data saver caps the picture at once, and lets it go when it is switched off', () => {
  let { stand } = ride(begin(null), 30, 5e6);
  stand = step(stand, second(5e6, stand), SAVES);
  assert.deepEqual([name(stand), stand.why], ['middle', 'saver']);
  stand = ride(stand, 60, 5e6, { wish: SAVES }).stand;
  assert.deepEqual([name(stand), stand.why], ['middle', 'saver']);
  stand = step(stand, second(5e6, stand));
  assert.deepEqual([name(stand), stand.why], ['full', '']);
});

test('a line that got narrow under a data saver is not asked for more when it is switched off', () => {
  let { stand } = ride(begin(null), 30, 5e6);
  stand = ride(stand, 30, 60e3, { wish: SAVES }).stand;
  assert.deepEqual([name(stand), stand.why], ['small', 'line']);
  stand = step(stand, second(60e3, stand));
  assert.equal(name(stand), 'small');
});

test('whoever prefers stills gets them instead of the smallest picture, and a larger one again', () => {
  const { stand } = ride(begin(200e3), 20, 56e3, { wish: STILLS });
  assert.equal(name(stand), 'stills');
  assert.ok(ride(stand, 60, 56e3, { wish: STILLS }).seen.length === 0);
  const { seen } = ride(stand, 90, 2e6, { wish: STILLS });
  assert.deepEqual(seen.map((one) => one.to), ['middle']);
});

test('the pace of stills stays below a line, and grows where there is room', () => {
  const { stand } = ride(begin(20e3, STILLS), 60, 56e3, { wish: STILLS });
  assert.ok(stand.pace < 56e3 - 24e3, String(stand.pace));
  const wide = ride(begin(20e3, STILLS), 30, 100e3, { wish: STILLS }).stand;
  assert.ok(wide.pace > 2 * RUNGS[4].sound, String(wide.pace));
});

test('on no steady line, however its estimate trembles, does the picture flap', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const chance = dice(seed);
    const line = 30e3 * 2 ** (7 * chance());
    const { stand } = ride(begin(null), 60, line, { noise: 0.2, chance });
    const { seen, stand: end } = ride(stand, 600, line, { noise: 0.2, chance });
    assert.ok(seen.length <= 14, `${Math.round(line)} bit/s: ${seen.length} changes`);
    for (let n = 1; n < seen.length; n++) assert.ok(seen[n].at - seen[n - 1].at >= 2);
    assert.ok(RUNGS[end.rung].holds <= line * 1.15, `${name(end)} at ${Math.round(line)}`);
  }
});

test('whatever is read, a rung is one of the five and the wish is kept', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const chance = dice(seed);
    let stand = begin(chance() < 0.5 ? null : chance() * 1e6);
    for (let n = 0; n < 200; n++) {
      const wish = { saver: chance() < 0.3, stills: chance() < 0.5 };
      stand = step(
        stand,
        {
          available: chance() < 0.2 ? null : chance() * 3e6,
          sent: chance() * 3e6,
          loss: chance() ** 4,
          roundTrip: chance() < 0.2 ? null : chance() * 3000,
        },
        wish,
      );
      assert.ok(RUNGS[stand.rung]);
      if (wish.saver) assert.ok(stand.rung >= 2);
      if (wish.saver && wish.stills) assert.notEqual(name(stand), 'small');
      if (stand.rung === 0) assert.equal(stand.why, '');
      else assert.notEqual(stand.why, '');
    }
  }
});
