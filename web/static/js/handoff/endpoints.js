// @ts-check
/** The endpoints: how each does, and what can be done with it. */
import { byId, fact, part, say, show, showRows } from '../dom.js';
import { count, moment, t } from '../words.js';
import { Move } from './move.js';
import { ADDRESSES } from './new_endpoint.js';

/** @typedef {import('./handoff').Endpoint} Endpoint */

export class Endpoints {
  #secret = byId('secret', HTMLDialogElement);
  #value = byId('secret-value', HTMLInputElement);
  #remove = byId('remove', HTMLDialogElement);

  /**
   * @param {import('./handoff').Config} config
   * @param {import('./handoff').Server} server
   * @param {(answer: any) => void} complain
   */
  constructor(config, server, complain) {
    this.zone = config.zone;
    this.carries = config.carries;
    this.server = server;
    this.complain = complain;
    this.move = new Move(server);
    byId('secret-copy').addEventListener('click', () => this.#copy());
    // Nobody finds the secret on a screen that was left open.
    this.#secret.addEventListener('close', () => {
      this.#value.value = '';
    });
  }

  /** Show these. @param {Endpoint[]} endpoints */
  follow(endpoints) {
    byId('endpoints-count').textContent = endpoints.length ? String(endpoints.length) : '';
    show(byId('endpoints-none'), endpoints.length === 0);
    showRows(byId('endpoints'), endpoints, 'endpoint-template', (row, one) => this.#fill(row, one));
  }

  /** Show a secret, for this one time. */
  showSecret(/** @type {string} */ secret) {
    this.#value.value = secret;
    say(byId('secret-copy'), t('handoff.secret.copy'));
    this.#secret.showModal();
    this.#value.select();
  }

  /** @param {HTMLElement} row @param {Endpoint} one */
  #fill(row, one) {
    part(row, 'name').textContent = one.name;
    const state = part(row, 'state');
    state.dataset.tone = one.state;
    say(state, this.#state(one));
    const where = [t(`handoff.kind.${one.kind}`), one.address, one.dealer && t('handoff.for', { dealer: one.dealer })];
    say(part(row, 'where'), where.filter(Boolean).join(' · '));
    this.#facts(part(row, 'facts'), one);
    const path = `endpoints/${one.id}`;
    const act = (/** @type {string} */ name, /** @type {boolean} */ shown, /** @type {() => void} */ go) => {
      const button = part(row, name);
      show(button, shown);
      // The same words stand on each card: whoever can't see which one it is hears its name.
      button.setAttribute('aria-label', `${button.textContent}: ${one.name}`);
      button.onclick = go;
    };
    act('enable', one.state === 'disabled', () => this.#do(`${path}/enable`));
    act('disable', one.state !== 'disabled', () => this.#do(`${path}/disable`));
    act('failed', true, () => this.#replay(`${path}/replay`));
    act('move', one.kind in ADDRESSES, () => this.move.open(one));
    // One rotation at a time: a third secret would end the one that its receiver still goes by.
    act('rotate', one.signed && !one.rotating, () => this.#rotate(`${path}/rotate`));
    act('settle', one.rotating, () => this.#do(`${path}/end-rotation`));
    act('remove', true, () => this.#ask(one, path));
  }

  /** @param {Endpoint} one */
  #state(one) {
    const since = one.failing_since && this.#when(one.failing_since);
    return t(`handoff.does.${one.state}`, { since: since || '' });
  }

  /** @param {HTMLElement} list @param {Endpoint} one */
  #facts(list, one) {
    const facts = [
      [t('handoff.fact.topics'), this.#topics(one)],
      [t('handoff.fact.delivered'), one.delivered_at ? this.#when(one.delivered_at) : t('handoff.never')],
      [t('handoff.fact.waiting'), this.#backlog(one)],
      one.disabled_reason && [t('handoff.fact.reason'), one.disabled_reason],
      one.rotating && [t('handoff.fact.secrets'), t('handoff.two_secrets')],
    ];
    showFacts(list, facts);
  }

  /** @param {Endpoint} one */
  #topics(one) {
    if (one.topics.length === this.carries[one.kind]?.length) return t('handoff.everything');
    return one.topics.map((topic) => t(`handoff.topic.${topic}`)).join(', ');
  }

  /** @param {Endpoint} one */
  #backlog(one) {
    if (!one.waiting || !one.waiting_since) return t('handoff.nothing');
    return count('handoff.waiting', one.waiting, { since: this.#when(one.waiting_since) });
  }

  #when(/** @type {number} */ at) {
    return moment(at, this.zone);
  }

  async #do(/** @type {string} */ path) {
    this.complain(await this.server.change(path));
  }

  async #rotate(/** @type {string} */ path) {
    const answer = await this.server.change(path);
    this.complain(answer);
    if (answer.secret) this.showSecret(answer.secret);
  }

  async #replay(/** @type {string} */ path) {
    const answer = await this.server.change(path);
    this.complain(answer);
    if (answer.ok) say(byId('handoff-said'), count('handoff.replayed', answer.replayed));
  }

  #ask(/** @type {Endpoint} */ one, /** @type {string} */ path) {
    say(byId('remove-title'), t('handoff.remove.title', { name: one.name }));
    say(byId('remove-text'), count('handoff.remove.text', one.waiting));
    show(byId('remove-files'), ['folder', 'csv'].includes(one.kind));
    byId('remove-now').onclick = async () => {
      await this.#do(`${path}/remove`);
      this.#remove.close();
    };
    this.#remove.showModal();
  }

  async #copy() {
    this.#value.select();
    try {
      await navigator.clipboard.writeText(this.#value.value);
      say(byId('secret-copy'), t('handoff.secret.copied'));
    } catch {
      // A browser that refuses has the secret selected: its own copy command works.
    }
  }
}

/**
 * Show facts as a list of terms; those that are not true are left out.
 *
 * @param {HTMLElement} list
 * @param {(string[] | false | '' | 0 | null | undefined)[]} facts
 */
export function showFacts(list, facts) {
  const rows = facts.filter((one) => Array.isArray(one));
  const text = JSON.stringify(rows);
  if (list.dataset.shows === text) return;
  list.dataset.shows = text;
  list.replaceChildren(...rows.map(([name = '', value = '']) => fact(name, value)));
}
