// @ts-check
/** Handing a call to an available colleague. */
import { byId } from '../dom.js';
import { refusal, t } from '../words.js';

export class Transfer {
  #sheet = byId('transfer-sheet', HTMLDialogElement);

  /** @param {import('../signalling.js').Signalling} signalling */
  constructor(signalling) {
    this.signalling = signalling;
    byId('transfer').addEventListener('click', () => this.#open());
  }

  close() {
    this.#sheet.close();
  }

  async #open() {
    this.#say(t('advisor.transfer.looking'));
    byId('colleagues').replaceChildren();
    this.#sheet.showModal();
    try {
      const { colleagues } = await this.signalling.send('list_colleagues');
      this.#say(t(colleagues.length ? 'advisor.transfer.text' : 'advisor.transfer.nobody'));
      byId('colleagues').replaceChildren(
        ...colleagues.map((/** @type {{id: string, name: string}} */ one) => this.#row(one)),
      );
    } catch (error) {
      this.#say(refusal(/** @type {any} */ (error)));
    }
  }

  #row(/** @type {{id: string, name: string}} */ colleague) {
    const row = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'colleague';
    button.textContent = colleague.name;
    button.addEventListener('click', async () => {
      try {
        await this.signalling.send('transfer', { advisor: colleague.id });
        this.close();
      } catch (error) {
        this.#say(refusal(/** @type {any} */ (error)));
      }
    });
    row.append(button);
    return row;
  }

  #say(/** @type {string} */ text) {
    byId('transfer-text').textContent = text;
  }
}
