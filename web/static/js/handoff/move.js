// @ts-check
/** Another address for an endpoint: its secret and its log stay. */
import { byId, say, sayProblems, show } from '../dom.js';
import { refusal, t } from '../words.js';
import { ADDRESSES } from './new_endpoint.js';

/** @typedef {import('./handoff').Endpoint} Endpoint */

export class Move {
  #dialog = byId('move', HTMLDialogElement);
  #form = byId('move-form', HTMLFormElement);
  #address = byId('move-address', HTMLInputElement);
  #id = '';

  /** @param {import('./handoff').Server} server */
  constructor(server) {
    this.server = server;
    byId('move-cancel').addEventListener('click', () => this.#dialog.close());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  /** Ask where it is now. @param {Endpoint} one */
  open(one) {
    this.#id = one.id;
    say(byId('move-title'), t('handoff.move.title', { name: one.name }));
    say(byId('move-label'), t(`handoff.address.${ADDRESSES[one.kind]}`));
    this.#address.value = one.address;
    this.#complain('');
    this.#dialog.showModal();
    this.#address.select();
  }

  async #save() {
    const address = this.#address.value.trim();
    const answer = await this.server.change(`endpoints/${this.#id}/move`, { address });
    if (answer.ok) return this.#dialog.close();
    const wrong = answer.field === 'address';
    this.#complain(wrong ? t('handoff.error.address') : refusal(answer), wrong);
  }

  #complain(/** @type {string} */ text, wrong = false) {
    sayProblems(this.#form, wrong ? { address: text } : {});
    say(byId('move-error'), wrong ? '' : text);
    show(byId('move-error'), Boolean(text) && !wrong);
    if (wrong) this.#address.focus();
  }
}
