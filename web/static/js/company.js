// @ts-check
/**
 * Who is in a call beside its two sides, on the customer's and on the advisor's page: who asks to
 * be let in, who watches, who speaks, and who of the house listens. Nobody listens unseen.
 */
import { byId, part, say, show, showRows } from './dom.js';
import { chime } from './chime.js';
import { count, refusal, t } from './words.js';

/** @typedef {import('./wire').PersonHere} PersonHere */

export class Company {
  /** @type {PersonHere[]} */
  #people = [];
  #call = '';
  #sheet = byId('company-sheet', HTMLDialogElement);

  /** @param {import('./signalling.js').Signalling} signalling */
  constructor(signalling) {
    this.signalling = signalling;
    byId('company-count').addEventListener('click', () => this.open());
  }

  open() {
    say(byId('company-said'), '');
    if (!this.#sheet.open) this.#sheet.showModal();
  }

  /** Bring the page in line with who is there. */
  follow(/** @type {import('./wire').Call} */ call) {
    if (call.call !== this.#call) this.#people = [];
    this.#call = call.call;
    const before = new Map(this.#people.map((one) => [one.id, one]));
    this.#people = call.people;
    if (this.#people.some((one) => isNews(one, before.get(one.id)))) chime();
    this.#showListeners();
    this.#showDoor();
    this.#showSheet();
  }

  leave() {
    this.#people = [];
    this.#call = '';
    this.#showDoor();
    this.#showListeners();
    if (this.#sheet.open) this.#sheet.close();
  }

  #showDoor() {
    const asking = this.#people.filter((one) => one.state === 'asking');
    const fill = (/** @type {HTMLElement} */ row, /** @type {PersonHere} */ one) => {
      say(part(row, 'who'), t('company.asks', { name: one.name }));
      part(row, 'admit', HTMLButtonElement).onclick = () => this.#decide(one, true);
      part(row, 'refuse', HTMLButtonElement).onclick = () => this.#decide(one, false);
    };
    const sign = byId('company-count');
    showPeople(byId('door'), asking, 'door-template', fill, sign.hidden ? byId('chat-toggle') : sign);
  }

  #showListeners() {
    const managers = this.#people.filter((one) => one.part === 'manager');
    showRows(byId('listeners'), managers, 'listener-template', (row, one) => {
      say(part(row, 'text'), t(`company.manager.${one.voice}`, { name: one.name }));
    });
    const others = this.#people.filter((one) => one.part === 'companion' && one.state === 'in');
    const sign = byId('company-count');
    say(part(sign, 'text'), count('company.count', others.length));
    sign.dataset.hand = String(others.some((one) => one.hand));
    show(sign, others.length > 0);
  }

  #showSheet() {
    const inside = this.#people.filter((one) => one.part === 'companion' && one.state === 'in');
    const fill = (/** @type {HTMLElement} */ row, /** @type {PersonHere} */ one) => this.#fill(row, one);
    showPeople(byId('people'), inside, 'person-template', fill, byId('company-close'));
    show(byId('nobody-else'), inside.length === 0);
  }

  /** @param {HTMLElement} row @param {PersonHere} one */
  #fill(row, one) {
    const speaks = one.voice === 'all';
    say(part(row, 'name'), one.name);
    say(part(row, 'state'), t(`company.${speaks ? 'speaks' : one.hand ? 'wants_to_speak' : 'watches'}`));
    const voice = part(row, 'voice', HTMLButtonElement);
    say(voice, t(speaks ? 'company.mute' : 'company.let_speak'));
    voice.onclick = () => this.#ask('give_voice', { person: one.id, yes: !speaks });
    part(row, 'away', HTMLButtonElement).onclick = () => this.#decide(one, false);
    row.dataset.hand = String(one.hand);
  }

  #decide(/** @type {PersonHere} */ one, /** @type {boolean} */ yes) {
    this.#ask('admit', { person: one.id, yes });
  }

  /** @param {string} event @param {object} payload */
  async #ask(event, payload) {
    try {
      await this.signalling.send(event, payload);
      say(byId('company-said'), '');
    } catch (error) {
      const { code } = /** @type {import('./signalling.js').Refused} */ (error);
      // Opened first: a sheet opens with nothing said.
      this.open();
      say(byId('company-said'), code === 'too_many' ? t(`company.full.${event}`) : refusal({ code }));
    }
  }
}

/**
 * Show a row for each; whoever goes by keyboard, and whose row has gone, goes on at the next one.
 *
 * @param {HTMLElement} list
 * @param {PersonHere[]} people
 * @param {string} template
 * @param {(row: HTMLElement, one: PersonHere) => void} fill
 * @param {HTMLElement} otherwise where to go on when no row is left
 */
function showPeople(list, people, template, fill, otherwise) {
  const here = list.contains(document.activeElement);
  showRows(list, people, template, fill);
  if (here && !list.contains(document.activeElement)) (list.querySelector('button') ?? otherwise).focus();
}

/** Whether somebody's coming, or another way of listening, has to be heard. */
function isNews(/** @type {PersonHere} */ now, /** @type {PersonHere | undefined} */ before) {
  if (!before) return true;
  return now.part === 'manager' ? now.voice !== before.voice : now.hand && !before.hand;
}
