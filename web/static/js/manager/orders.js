// @ts-check
/** What a manager orders on the floor; the last order can be taken back with one tap. */
import { byId, post, say, show } from '../dom.js';
import { languageName, refusal, t } from '../words.js';

/** An order can be taken back by hand for ever, and by this button for so long. */
const UNDO_MS = 60_000;

/** @typedef {import('../wire').FloorState} FloorState */

export class Orders {
  #showroom;
  /** What takes the last order back: where, with what, and what is said then. @type {[string, object] | null} */
  #undo = null;
  /** @type {Record<string, string>} */
  #notice = {};
  #closed = false;
  #hiding = 0;

  /** @param {string} showroom its slug */
  constructor(showroom) {
    this.#showroom = showroom;
    byId('queue-order').addEventListener('click', () => this.closeQueue(!this.#closed));
    byId('orders-undo').addEventListener('click', () => this.#takeBack());
    const sheet = byId('notice-sheet', HTMLDialogElement);
    byId('notice-order').addEventListener('click', () => this.#open(sheet));
    for (const label of sheet.querySelectorAll('label')) {
      say(label, languageName(label.dataset.language ?? ''));
    }
    const form = byId('notice-form', HTMLFormElement);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#post(sheet, form);
    });
    byId('notice-down').addEventListener('click', () => this.#post(sheet, null));
  }

  follow(/** @type {FloorState} */ { queue_closed: closed, notice }) {
    this.#closed = closed !== null;
    this.#notice = notice;
    say(byId('queue-order-name'), t(this.#closed ? 'manager.queue.open' : 'manager.queue.close'));
    show(byId('queue-closed'), this.#closed);
    const texts = Object.values(notice);
    show(byId('notice-up'), texts.length > 0);
    say(byId('notice-text'), texts.join(' · '));
  }

  closeQueue(/** @type {boolean} */ closed) {
    const said = t(closed ? 'manager.queue.closed_now' : 'manager.queue.opened_now');
    return this.#order('queue', 'closed', closed, said);
  }

  /** @param {string} advisor @param {string} name @param {boolean} away */
  setAway(advisor, name, away) {
    const said = t(away ? 'manager.away.sent' : 'manager.away.back', { name });
    return this.#order(`advisors/${encodeURIComponent(advisor)}`, 'away', away, said);
  }

  /** @param {string} call @param {number} place */
  move(call, place) {
    const said = t('manager.place.moved', { place });
    return this.#order(`calls/${encodeURIComponent(call)}`, 'place', place, said);
  }

  /** @param {import('../wire').AlarmKind} kind @param {boolean} silent */
  silence(kind, silent) {
    const said = t(silent ? 'manager.alarm.silenced' : 'manager.alarm.heard', {
      kind: t(`manager.alarm.kind.${kind}`),
    });
    return this.#order(`alarms/${kind}`, 'silent', silent, said);
  }

  /** @param {{name: string, first: string}} campaign @param {string} last @param {string} said */
  extend({ name, first }, last, said) {
    return this.#order('campaign', 'last', last, said, { name, first });
  }

  /** @param {string} what @param {string} field @param {unknown} value @param {string} said @param {object} [about] */
  async #order(what, field, value, said, about = {}) {
    const answer = await this.#send(what, { ...about, [field]: value });
    if (answer.ok) this.#undo = [what, { ...about, [field]: answer.was }];
    say(byId('orders-line'), answer.ok ? said : refusal(answer));
    show(byId('orders-undo'), answer.ok);
    show(byId('orders'), true);
    clearTimeout(this.#hiding);
    this.#hiding = setTimeout(() => show(byId('orders'), false), UNDO_MS);
    return answer;
  }

  async #takeBack() {
    if (!this.#undo) return;
    const answer = await this.#send(...this.#undo);
    if (answer.ok) this.#undo = null;
    say(byId('orders-line'), answer.ok ? t('manager.undone') : refusal(answer));
    show(byId('orders-undo'), !answer.ok);
  }

  /** @param {string} what @param {object} given @returns {Promise<any>} */
  #send(what, given) {
    const showroom = new URLSearchParams({ showroom: this.#showroom });
    return post(`/manager/floor/${what}?${showroom}`, given);
  }

  #open(/** @type {HTMLDialogElement} */ sheet) {
    for (const field of sheet.querySelectorAll('textarea')) field.value = this.#notice[field.name] ?? '';
    say(byId('notice-said'), '');
    sheet.showModal();
  }

  /** Post what the form says, or take the notice down. @param {HTMLDialogElement} sheet @param {HTMLFormElement | null} form */
  async #post(sheet, form) {
    /** @type {Record<string, string>} */
    const notice = {};
    for (const field of form?.querySelectorAll('textarea') ?? []) {
      if (field.value.trim()) notice[field.name] = field.value.trim();
    }
    const said = Object.keys(notice).length ? 'manager.notice.posted' : 'manager.notice.taken_down';
    const answer = await this.#order('notice', 'notice', notice, t(said));
    if (answer.ok) sheet.close();
    else say(byId('notice-said'), refusal(answer));
  }
}
