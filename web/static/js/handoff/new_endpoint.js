// @ts-check
/** The form for a new endpoint: it asks for what its kind needs. */
import { byId, say, sayProblems, show } from '../dom.js';
import { refusal, t } from '../words.js';

/** What each kind asks for besides its name. @type {Record<string, 'url' | 'email'>} */
export const ADDRESSES = { webhook: 'url', adf_http: 'url', adf_mail: 'email' };
const FIELDS = ['name', 'address', 'topics', 'dealer'];

export class NewEndpoint {
  #dialog = byId('endpoint', HTMLDialogElement);
  #form = byId('endpoint-form', HTMLFormElement);
  #kind = byId('endpoint-kind', HTMLSelectElement);

  /**
   * @param {import('./handoff').Config} config
   * @param {import('./handoff').Server} server
   * @param {(secret: string) => void} showSecret
   */
  constructor(config, server, showSecret) {
    this.carries = config.carries;
    this.server = server;
    this.showSecret = showSecret;
    byId('endpoint-open').addEventListener('click', () => this.#open());
    this.#kind.addEventListener('change', () => this.#ask());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  #open() {
    this.#form.reset();
    this.#complain('');
    this.#ask();
    this.#dialog.showModal();
  }

  #ask() {
    const kind = this.#kind.value;
    const asks = ADDRESSES[kind];
    say(byId('endpoint-hint'), t(`handoff.hint.${kind}`));
    show(byId('endpoint-address-field'), Boolean(asks));
    if (asks) say(byId('endpoint-address-label'), t(`handoff.address.${asks}`));
    for (const box of this.#topics()) {
      const carried = this.carries[kind]?.includes(box.value) ?? false;
      box.disabled = !carried;
      show(/** @type {HTMLElement} */ (box.parentElement), carried);
    }
  }

  #topics() {
    return /** @type {HTMLInputElement[]} */ ([...this.#form.querySelectorAll('[name=topic]')]);
  }

  async #save() {
    const given = new FormData(this.#form);
    const text = (/** @type {string} */ name) => String(given.get(name) ?? '').trim();
    const kind = this.#kind.value;
    if (!text('name')) return this.#complain(t('handoff.error.name'), 'name');
    const answer = await this.server.change('endpoints', {
      kind,
      name: text('name'),
      address: ADDRESSES[kind] ? text('address') : '',
      topics: given.getAll('topic'),
      dealer: text('dealer') || null,
    });
    if (!answer.ok) {
      const { field } = answer;
      return this.#complain(FIELDS.includes(field) ? t(`handoff.error.${field}`) : refusal(answer), field);
    }
    this.#dialog.close();
    if (answer.secret) this.showSecret(answer.secret);
  }

  /** Say what is wrong where it stands, and put the cursor there. */
  #complain(/** @type {string} */ text, field = '') {
    const known = FIELDS.includes(field);
    sayProblems(this.#form, known ? { [field]: text } : {});
    say(byId('endpoint-error'), known ? '' : text);
    show(byId('endpoint-error'), Boolean(text) && !known);
    if (!known) return;
    const place = this.#form.elements.namedItem(field === 'topics' ? 'topic' : field);
    const first = place instanceof RadioNodeList ? place[0] : place;
    if (first instanceof HTMLElement) first.focus();
  }
}
