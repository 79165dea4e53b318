// @ts-check
/** The manager's page of keys: a new one is shown once, and any of them is revoked at once. */
import { byId, copyOf, dataBlock, part, post, say, show, showRows } from './dom.js';
import { moment, refusal, t } from './words.js';

/**
 * @typedef {{id: string, name: string, scopes: string[], created_at: number,
 *   used_at: number | null, revoked_at: number | null}} Key
 */

/** @type {{showroom: string, zone: string, keys: Key[]}} */
const config = dataBlock('config');
const form = byId('new', HTMLFormElement);
const secret = byId('secret', HTMLInputElement);
const sure = byId('sure', HTMLDialogElement);
const query = new URLSearchParams({ showroom: config.showroom });
let asked = '';

function list(/** @type {Key[]} */ keys) {
  show(byId('none'), keys.length === 0);
  showRows(byId('list'), keys, 'key-template', fill);
}

function fill(/** @type {HTMLElement} */ row, /** @type {Key} */ key) {
  const over = key.revoked_at !== null;
  row.classList.toggle('key--over', over);
  say(part(row, 'name'), key.name);
  say(part(row, 'when'), when(key));
  part(row, 'scopes').replaceChildren(...key.scopes.map(chip));
  const button = part(row, 'revoke', HTMLButtonElement);
  show(button, !over);
  button.setAttribute('aria-label', t('keys.revoke.one', { name: key.name }));
  button.onclick = () => {
    asked = key.id;
    say(byId('sure-title'), t('keys.revoke.one', { name: key.name }));
    sure.showModal();
  };
}

function chip(/** @type {string} */ scope) {
  const node = copyOf('scope-template');
  say(node, scope);
  return node;
}

function when(/** @type {Key} */ key) {
  const at = (/** @type {number} */ ms) => moment(ms, config.zone);
  if (key.revoked_at !== null) return t('keys.revoked', { when: at(key.revoked_at) });
  const made = t('keys.made', { when: at(key.created_at) });
  const used = key.used_at === null ? t('keys.unused') : t('keys.used', { when: at(key.used_at) });
  return `${made} · ${used}`;
}

/** Send a change, show what became of it, and say whether it worked. */
async function change(/** @type {string} */ path, /** @type {object} */ payload) {
  const answer = await post(`/manager/keys${path}?${query}`, payload);
  say(byId('error'), answer.ok ? '' : refusal(answer));
  show(byId('error'), !answer.ok);
  if (answer.ok) list(answer.keys);
  return answer;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const name = String(given.get('name')).trim();
  const scopes = given.getAll('scopes');
  if (!name || !scopes.length) {
    say(byId('error'), t(name ? 'keys.scopes.missing' : 'keys.name.missing'));
    show(byId('error'), true);
    if (!name) byId('name').focus();
    return;
  }
  const answer = await change('', { name, scopes });
  if (!answer.ok) return;
  form.reset();
  secret.value = answer.secret;
  say(byId('copy'), t('keys.copy'));
  show(byId('made'), true);
  secret.select();
});

byId('copy').addEventListener('click', async () => {
  secret.select();
  try {
    await navigator.clipboard.writeText(secret.value);
    say(byId('copy'), t('keys.copied'));
  } catch {
    // A browser that refuses has the key selected: its own copy command works.
  }
});

sure.addEventListener('close', async () => {
  if (sure.returnValue === 'revoke') await change(`/${asked}/revoke`, {});
  sure.returnValue = '';
});

list(config.keys);
