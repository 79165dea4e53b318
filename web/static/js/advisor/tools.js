// @ts-check
/** The advisor's tools beside the picture: chat with canned lines, cars to show, notes, the lead. */
import { fillCard } from '../card.js';
import { byId, copyOf, forward, part, show } from '../dom.js';
import { t } from '../words.js';
import { Notes } from './notes.js';

const TABS = ['chat', 'cars', 'notes', 'lead'];

/** @typedef {(event: string, payload: object) => Promise<boolean>} Send whether it was taken */

export class Tools {
  #call = '';

  /**
   * @param {{vehicles: import('../wire').Vehicle[], store: boolean,
   *   canned: Record<string, string[]>}} config
   * @param {import('../chat.js').Chat} chat
   * @param {Send} send
   * @param {(notes: string) => Promise<unknown>} save
   */
  constructor(config, chat, send, save) {
    this.canned = config.canned ?? {};
    this.chat = chat;
    this.send = send;
    this.#setUpTabs();
    this.#setUpCars(config.vehicles, config.store);
    this.notes = new Notes(byId('notes', HTMLTextAreaElement), save, (state) => {
      byId('notes-state').textContent = state && t(`advisor.notes.${state}`);
    });
    byId('lead-open').addEventListener('click', () => {
      chat.open(true);
      this.#select('lead');
      byId('tab-lead').focus({ preventScroll: true });
    });
    byId('close-tools').addEventListener('click', () => chat.open(false));
    // After the chat's own listener: a line that waits is what the tap is for.
    byId('chat-toggle').addEventListener('click', () => chat.unread && this.#select('chat'));
  }

  follow(/** @type {import('../wire').AdvisorCall} */ call) {
    if (call.call === this.#call) return;
    this.#call = call.call;
    this.notes.begin(call.call, call.notes);
    for (const button of byId('show-list').querySelectorAll('button')) delete button.dataset.shown;
    byId('canned').replaceChildren(
      ...(this.canned[call.language] ?? []).map((line) => this.#line(line)),
    );
  }

  /** Forget the call, which may come back with a colleague's notes. */
  forget() {
    this.#call = '';
    this.notes.begin('', '');
  }

  #line(/** @type {string} */ text) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'canned__line';
    button.textContent = text;
    button.addEventListener('click', () => this.chat.write(text));
    return button;
  }

  /** @param {import('../wire').Vehicle[]} vehicles @param {boolean} store whether there is one */
  #setUpCars(vehicles, store) {
    byId('show-list').replaceChildren(
      ...vehicles.filter((car) => !car.withdrawn).map((car) => {
        const row = copyOf('show-template');
        fillCard(row, car);
        const card = /** @type {HTMLButtonElement} */ (row.querySelector('button'));
        this.#shows(card, 'show_vehicle', car.id);
        const link = part(row, 'store', HTMLButtonElement);
        link.setAttribute('aria-label', t('advisor.show.store.of', { vehicle: car.name }));
        this.#shows(link, 'show_store_link', car.id);
        show(link, store);
        return row;
      }),
    );
  }

  /** Let a button put something about a car on the customer's screen. */
  #shows(/** @type {HTMLElement} */ button, /** @type {string} */ event, /** @type {string} */ car) {
    button.addEventListener('click', async () => {
      button.setAttribute('aria-busy', 'true');
      const shown = await this.send(event, { vehicle: car });
      button.removeAttribute('aria-busy');
      button.dataset.shown = String(shown);
    });
  }

  /** Tabs as WAI-ARIA describes them: arrow keys move, one tab is in the tab order. */
  #setUpTabs() {
    TABS.forEach((name, index) => {
      const tab = byId(`tab-${name}`);
      tab.addEventListener('click', () => this.#select(name));
      tab.addEventListener('keydown', (event) => {
        const right = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (!right) return;
        const step = right * forward();
        const next = TABS[(index + step + TABS.length) % TABS.length] ?? 'chat';
        this.#select(next);
        byId(`tab-${next}`).focus();
      });
    });
  }

  #select(/** @type {string} */ name) {
    for (const one of TABS) {
      byId(`tab-${one}`).setAttribute('aria-selected', String(one === name));
      byId(`tab-${one}`).tabIndex = one === name ? 0 : -1;
      show(byId(`panel-${one}`), one === name);
    }
    byId('tools').dataset.tab = name;
    if (name === 'chat') this.chat.open(true);
  }
}
