import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf-8');
const below = (folder, ending) =>
  readdirSync(new URL(folder, root), { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}${name}`);
const matches = (text, pattern) => Array.from(text.matchAll(pattern), (found) => found[1]);

// What is said where is judged here; that every language says it, by tests/showroom/test_catalogues.py.
const keys = matches(read('web/languages/en.po'), /^msgid(?:_plural)? "(.+)"$/gm);
const known = new Set(keys);
/** What keys begin with: `(advisor|agenda|…)`. */
const families = `(?:${[...new Set(keys.map((key) => key.split('.')[0]))].join('|')})`;

/** The values of one of the enums that pages and server share. */
function values(name, path = 'showroom/words.py') {
  const [, body] = read(path).match(
    new RegExp(`class ${name}\\(StrEnum\\):\\n([\\s\\S]*?)(?=\\n\\n\\n|$)`),
  );
  return matches(body, /^ {4}[A-Z_]+ = "(\w+)"/gm);
}

test('every key that a script or a template names has its words', () => {
  const quoted = (name) => new RegExp(`\\b${name}\\(\\s*'([^']+)'\\s*[,)]`, 'g');
  let found = 0;
  for (const path of [...below('web/static/js/', '.js'), ...below('web/templates/', '.html')]) {
    const text = read(path);
    const named = [
      ...matches(text, quoted('t')),
      ...matches(text, quoted('count')).flatMap((key) => [`${key}.one`, `${key}.other`]),
      // Lists of keys and the branches of a condition: whatever looks like a key is one.
      ...matches(text, new RegExp(`'(${families}(?:\\.[\\w-]+)+)'`, 'g')).filter(
        (key) => ![...known].some((one) => one.startsWith(`${key}.`)),
      ),
    ];
    found += named.length;
    for (const key of named) assert.ok(known.has(key), `${path}: ${key}`);
  }
  assert.ok(found > 150, `only ${found} keys were found`);
});

test('every key that a script or a template puts together can have words', () => {
  const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const shape = (parts) => new RegExp(`^${parts.map(escape).join('.*')}(\\.one)?$`);
  let found = 0;
  const check = (path, parts) => {
    found++;
    const some = keys.some((key) => shape(parts).test(key));
    assert.ok(some, `${path}: ${parts.join('…')}`);
  };
  for (const path of below('web/static/js/', '.js')) {
    const templates = matches(read(path), /\b(?:t|count)\(\s*`([^`]+)`/g);
    for (const template of templates) check(path, template.split(/\$\{[^}]*\}/));
  }
  for (const path of below('web/templates/', '.html')) {
    const sums = matches(read(path), /\bt\(('[^']+' ~ [^,)]+)/g);
    for (const sum of sums) {
      const parts = sum.split(' ~ ').map((one) => (one.startsWith("'") ? one.slice(1, -1) : ''));
      check(path, parts);
    }
  }
  assert.ok(found > 20, `only ${found} were found`);
});

/** A script without its comments: types are imported there, and keys are named. */
const code = (path) => read(path).replace(/\/\*[\s\S]*?\*\//g, '');

/** The script of a page and all that it imports. */
function modulesOf(path, found = new Set()) {
  if (found.has(path) || path.includes('/vendor/')) return found;
  found.add(path);
  for (const other of matches(code(path), /(?:\bfrom |^import |\bimport\()'(\.[^']+)'/gm)) {
    modulesOf(new URL(other, new URL(path, root)).href.slice(root.href.length), found);
  }
  return found;
}

test('a page gets the words that its scripts say, and no others', () => {
  const begins = (key, word) => `${key}.`.startsWith(`${word}.`);
  const pages = below('web/', '.py').flatMap((path) => {
    const text = read(path);
    const calls = text.matchAll(/\brender\(\s*request, "(\w+\.html)"[^)]*?words=(\w+|\([^)]*\))/g);
    return Array.from(calls, ([, page, given]) => {
      const tuple = given.startsWith('(') ? given : text.match(new RegExp(`\\b${given} = \\(([^)]*)\\)`))[1];
      return { page, words: matches(tuple, /"([\w.]+)"/g) };
    });
  });
  assert.ok(pages.length > 10, `only ${pages.length} pages were found`);
  for (const { page, words } of pages) {
    const tags = matches(read(`web/templates/${page}`), /ui\.script\(([^)]+)\)/g).join();
    const scripts = matches(tags, /'([^']+)'/g);
    const modules = new Set(scripts.flatMap((name) => [...modulesOf(`web/static/${name}`)]));
    const said = [...modules].flatMap((path) =>
      matches(code(path), new RegExp(`['\`](${families}\\.[\\w.-]*)`, 'g')).map((key) => [key, path]),
    );
    for (const [key, path] of said) {
      assert.ok(words.some((word) => begins(key, word)), `${page}: ${key} of ${path}`);
    }
    for (const word of words) {
      const used = said.some(([key]) => begins(key, word));
      assert.ok(used || word === 'common', `${page}: no script says ${word}`);
    }
  }
});

test('every state, reason and verdict of the server has its words', () => {
  // Of these an advisor's list of visits says nothing, or doesn't show them.
  const unlisted = new Set(['held', 'lapsed', 'booked', 'cancelled']);
  const tentative = new Set(['held', 'lapsed']);
  const families = {
    'common.state.': values('CallState'),
    'log.kind.': values('Subject', 'showroom/audit.py'),
    'log.deed.': values('Deed', 'showroom/audit.py'),
    'common.advisor.': values('AdvisorState'),
    'common.end.': values('EndReason'),
    'common.outcome.': values('Outcome'),
    'common.quality.': values('Quality'),
    'common.side.': values('Side'),
    'manager.quality.': values('Quality'),
    'advisor.away.': values('AwayReason'),
    'advisor.follow_ups.': values('FollowUpKind'),
    'advisor.visits.state.': values('AppointmentState').filter((state) => !unlisted.has(state)),
    'agenda.state.': values('AppointmentState').filter((state) => !tentative.has(state)),
    'agenda.obstacle.': values('Obstacle', 'booking/plan.py'),
    'handoff.kind.': values('EndpointKind', 'booking/handoff/endpoint.py'),
    'handoff.hint.': values('EndpointKind', 'booking/handoff/endpoint.py'),
    'handoff.does.': values('EndpointState', 'booking/handoff/endpoint.py'),
    'handoff.state.': values('DeliveryState', 'booking/handoff/deliveries.py'),
    'handoff.topic.': matches(read('booking/handoff/topics.py'), /^ {4}[A-Z_]+ = "([\w.]+)"/gm),
    'customer.after.reason.': values('EndReason'),
    'staff.role.': values('Role'),
    'staff.may.': values('Role'),
    'staff.state.': values('StaffState', 'showroom/members.py'),
    'error.': matches(read('showroom/errors.py'), /\bcode, status = "(\w+)"/g),
  };
  for (const [prefix, names] of Object.entries(families)) {
    assert.ok(names.length > 1, prefix);
    for (const name of names) assert.ok(known.has(prefix + name), prefix + name);
  }
  // Nor are there words for a state that isn't one, but for what the pages themselves make of some.
  const mixed = new Set(['advisor.follow_ups.', 'error.']);
  const made = new Set([
    'advisor.visits.state.late', 'agenda.state.late', 'agenda.state.called_off',
    'agenda.obstacle.over', 'common.advisor.lost', 'log.kind.all',
  ]);
  for (const [prefix, names] of Object.entries(families)) {
    for (const key of keys.filter((one) => one.startsWith(prefix) && !mixed.has(prefix))) {
      const name = key.slice(prefix.length);
      assert.ok(name.includes('.') || names.includes(name) || made.has(key), key);
    }
  }
});

test('everything that the log of a call can hold has its words in the timeline', () => {
  const lua = below('signaling/lua/', '.lua').map(read).join('\n');
  const moves = matches(read('signaling/life.py'), /^ {4}[A-Z_]+ = "(\w+)"/gm);
  const kinds = [
    ...moves,
    ...matches(lua, /\blog(?:_if_room)?\([^,()]+, '(\w+)'/g),
    // A transfer's ring ends under the names of an ordinary one.
    ...matches(lua, /\bring_over\([^,()]+, '(\w+)'/g).map((name) => `transfer_${name}`),
    ...matches(read('signaling/desk.py'), /\b_say\(who, "(\w+)"/g),
  ];
  for (const kind of ['request', 'hand_over', 'relink', 'transfer_miss', 'chat']) {
    assert.ok(kinds.includes(kind), `${kind} was not found`);
  }
  for (const kind of kinds) assert.ok(known.has(`manager.event.${kind}`), kind);
  // What is written under a name that comes from elsewhere is one of those above.
  const other = matches(lua, /\blog(?:_if_room)?\([^,()]+, ([^',]+),/g).filter((name) => name !== 'kind');
  assert.deepEqual([...new Set(other)], ['name'], 'a new way to write the log');
});
