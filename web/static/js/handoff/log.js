// @ts-check
/** The delivery log: what waits, what went out and what failed, and each of its attempts. */
import { byId, part, say, show, showRows } from '../dom.js';
import { locale, moment, refusal, t } from '../words.js';
import { showFacts } from './endpoints.js';

/** @typedef {import('./handoff').Delivery} Delivery */
/** @typedef {import('./handoff').Attempt} Attempt */

/** As many as the server sends at a time. */
const PAGE = 50;
const NOTHING = '–';

export class Log {
  #dialog = byId('delivery', HTMLDialogElement);
  #endpoint = byId('log-endpoint', HTMLSelectElement);
  #state = byId('log-state', HTMLSelectElement);
  /** @type {Map<string, string>} */
  #names = new Map();
  /** The older pages that were asked for; the newest is fetched again and again. @type {Delivery[]} */
  #older = [];
  /** @type {Delivery[]} */
  #newest = [];
  /** The delivery that shows, and the number of the last question: a late answer is dropped. */
  #open = '';
  #asked = 0;

  /** @param {import('./handoff').Config} config @param {import('./handoff').Server} server */
  constructor(config, server) {
    this.zone = config.zone;
    this.server = server;
    for (const select of [this.#endpoint, this.#state]) {
      select.addEventListener('change', () => {
        this.#older = [];
        this.load();
      });
    }
    byId('log-more').addEventListener('click', () => this.#more());
    byId('replay').addEventListener('click', () => this.#replay());
    this.#dialog.addEventListener('close', () => {
      this.#open = '';
    });
  }

  /** Learn the endpoints' names. @param {import('./handoff').Endpoint[]} endpoints */
  know(endpoints) {
    for (const one of endpoints) {
      if (!this.#names.has(one.id)) this.#endpoint.add(new Option(one.name, one.id));
      this.#names.set(one.id, one.name);
    }
  }

  /** Fetch the newest, and what is open. */
  async load() {
    const asked = ++this.#asked;
    const answer = await this.server.read('deliveries', this.#filter());
    if (!answer.ok || asked !== this.#asked) return;
    this.#newest = answer.deliveries;
    this.#show(answer.deliveries.length === PAGE && this.#older.length === 0);
    if (this.#open) await this.#load(this.#open);
  }

  #filter() {
    return { endpoint: this.#endpoint.value, state: this.#state.value };
  }

  async #more() {
    const last = [...this.#newest, ...this.#older].at(-1);
    if (!last) return;
    const answer = await this.server.read('deliveries', {
      ...this.#filter(),
      below: String(last.number),
    });
    if (!answer.ok) return;
    this.#older.push(...answer.deliveries);
    this.#show(answer.deliveries.length === PAGE);
  }

  #show(/** @type {boolean} */ more) {
    const seen = new Set(this.#newest.map((one) => one.id));
    const all = [...this.#newest, ...this.#older.filter((one) => !seen.has(one.id))];
    showRows(byId('deliveries'), all, 'delivery-template', (row, one) => this.#fill(row, one));
    show(byId('deliveries-none'), all.length === 0);
    show(byId('log-more'), more || (this.#older.length > 0 && this.#older.length % PAGE === 0));
  }

  /** @param {HTMLElement} row @param {Delivery} one */
  #fill(row, one) {
    const time = part(row, 'time');
    say(time, moment(one.created_at, this.zone));
    time.onclick = () => this.#reveal(one.id);
    say(part(row, 'event'), t(`handoff.topic.${one.topic}`));
    say(part(row, 'endpoint'), this.#names.get(one.endpoint) ?? t('handoff.removed'));
    const state = part(row, 'state');
    state.dataset.tone = one.state;
    say(state, t(`handoff.state.${one.state}`));
    say(part(row, 'attempts'), String(one.attempts));
    say(part(row, 'next'), this.#next(one) || NOTHING);
  }

  /** When it is tried next: what is due and not tried waits for an endpoint that is disabled. */
  #next(/** @type {Delivery} */ one) {
    return one.next_try_at && one.next_try_at > Date.now() ? moment(one.next_try_at, this.zone) : '';
  }

  async #reveal(/** @type {string} */ id) {
    this.#open = id;
    if (await this.#load(id)) this.#dialog.showModal();
  }

  async #load(/** @type {string} */ id) {
    const answer = await this.server.read(`deliveries/${id}`);
    if (!answer.ok || id !== this.#open) return false;
    this.#detail(answer.delivery, answer.attempts);
    return true;
  }

  /** @param {Delivery} one @param {Attempt[]} attempts */
  #detail(one, attempts) {
    say(byId('delivery-when'), moment(one.created_at, this.zone));
    say(byId('delivery-title'), t(`handoff.topic.${one.topic}`));
    showFacts(byId('delivery-facts'), [
      [t('handoff.column.endpoint'), this.#names.get(one.endpoint) ?? t('handoff.removed')],
      [t('handoff.column.state'), t(`handoff.state.${one.state}`)],
      this.#next(one) && [t('handoff.column.next'), this.#next(one)],
      [t('handoff.fact.id'), one.id],
      [t('handoff.fact.subject'), one.subject],
    ]);
    say(byId('replay'), t(one.state === 'waiting' ? 'handoff.try_now' : 'handoff.replay'));
    show(byId('attempts-none'), attempts.length === 0);
    const rows = attempts.map((each) => ({ ...each, id: `${one.id} ${each.attempt}` }));
    showRows(byId('attempts'), rows, 'attempt-template', (row, each) => this.#attempt(row, each));
  }

  /** @param {HTMLElement} row @param {Attempt} each */
  #attempt(row, each) {
    say(part(row, 'when'), `${each.attempt}. ${moment(each.at, this.zone)}`);
    const result = part(row, 'result');
    result.dataset.tone = each.result;
    const one = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    const took = { seconds: (each.took_ms / 1000).toLocaleString(locale, one) };
    say(result, `${t(`handoff.result.${each.result}`)} · ${t('handoff.took', took)}`);
    say(part(row, 'answer'), each.answer || NOTHING);
    const { body, ...rest } = each.request;
    say(part(row, 'request'), [JSON.stringify(rest, null, 2), body].filter(Boolean).join('\n\n'));
  }

  async #replay() {
    const answer = await this.server.change(`deliveries/${this.#open}/replay`);
    const gone = answer.code === 'illegal_move' ? t('handoff.error.replay') : refusal(answer);
    say(byId('delivery-error'), answer.ok ? '' : gone);
    show(byId('delivery-error'), !answer.ok);
    if (answer.ok) say(byId('handoff-said'), t('handoff.replayed.now'));
  }
}
