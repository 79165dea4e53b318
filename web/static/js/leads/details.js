// @ts-check
/** One lead in a sheet: how to reach them, what they want, what was done, and what to do next. */
import { byId, fact, get, part, post, say, show } from '../dom.js';
import { drawReasons } from '../lead/verdict.js';
import { count, moment, refusal, t } from '../words.js';
import { dueOn, dueState, quickDays } from './due.js';
import { Edit } from './edit.js';
import { line } from './lines.js';
import { Reserve } from './reserve.js';
import { dueInWords, eventInWords, factsOf, nameOf } from './words.js';

/** @typedef {import('../lead/lead').Lead} Lead */
/** @typedef {import('../lead/lead').Known} Known */
/** @typedef {import('./words.js').Place & {base: string, showroom: string, me: string, team: boolean, on_show: string[]}} Desk */

export class Details {
  #dialog = byId('details', HTMLDialogElement);
  /** The lead that is open. @type {Lead | null} */
  #lead = null;
  /** @type {Promise<boolean>} whether the last change was made */
  #changing = Promise.resolve(true);
  /** A dealer's name by its code. @type {Map<string, string>} */
  #dealers = new Map();

  /** @param {Desk} desk @param {() => void} changed called when a lead is another than before */
  constructor(desk, changed) {
    this.desk = desk;
    this.changed = changed;
    this.#dialog.addEventListener('close', () => (this.#lead = null));
    for (const button of this.#moves) {
      const move = button.dataset.move ?? '';
      button.addEventListener('click', () => (move === 'lose' ? this.#askWhy(true) : this.#move(move)));
    }
    byId('lose', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#move('lose', byId('lose-reason', HTMLInputElement).value.trim());
    });
    byId('lose-not').addEventListener('click', () => this.#askWhy(false));
    const date = byId('due-date', HTMLInputElement);
    date.addEventListener('change', () => date.value && this.#setDue(date.value));
    byId('note-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#addNote();
    });
    this.#setUpOwner();
    this.reserve = new Reserve(desk, () => this.#again());
    this.edit = new Edit(desk, (id, known) => {
      if (this.#lead?.id === id) this.#fill(known);
      changed();
    });
  }

  /** Show what the list knows at once, and all of it in a moment. @param {Lead} lead @param {number} now */
  async open(lead, now) {
    this.#lead = lead;
    this.now = now;
    this.#complain('');
    this.#askWhy(false);
    byId('note', HTMLTextAreaElement).value = '';
    this.#head(lead);
    byId('details-history').replaceChildren();
    show(byId('details-parts'), false);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#dialog.scrollTop = 0;
    const answer = await get(this.#url(''));
    if (this.#lead?.id !== lead.id) return;
    if (answer.ok) this.#fill(answer);
    else this.#complain(refusal(answer));
  }

  #fill(/** @type {Known} */ { lead, history, moves }) {
    this.#lead = lead;
    show(byId('details-parts'), true);
    this.#head(lead);
    for (const button of this.#moves) {
      show(button, moves.includes(/** @type {any} */ (button.dataset.move)));
    }
    this.#drawDue(lead);
    this.#drawOwner(lead);
    this.#drawFacts(lead);
    this.reserve.offer(lead);
    if (this.desk.team) {
      const which = new URLSearchParams({ showroom: this.desk.showroom, lead: lead.id });
      byId('details-privacy', HTMLAnchorElement).href = `/manager/privacy?${which}`;
    }
    this.edit.offer(lead);
    say(byId('details-notes'), lead.notes);
    show(byId('details-notes'), Boolean(lead.notes));
    const word = t(lead.qualified_at ? 'lead.qualified' : 'lead.follow_up');
    say(byId('score-title'), count('leads.score', lead.score, { word }));
    drawReasons(byId('details-reasons'), lead.reasons);
    this.#drawConsents(lead);
    byId('details-history').replaceChildren(
      ...[...history].reverse().map((event) => {
        const { what, told } = eventInWords(event, this.desk);
        return line(moment(Date.parse(event.at), this.desk.zone), what, told);
      }),
    );
  }

  #head(/** @type {Lead} */ lead) {
    const { zone } = this.desk;
    say(byId('details-title'), nameOf(lead));
    say(byId('details-state'), t(`leads.state.${lead.state}`));
    byId('details-state').dataset.state = lead.state;
    say(byId('details-due'), dueInWords(lead, this.now ?? 0, zone));
    byId('details-due').dataset.due = dueState(lead, this.now ?? 0, zone);
    const { phone, email } = lead.contact;
    this.#reach('details-phone', phone, `tel:${phone}`);
    // RFC 6068, 2: only the sign between name and host stays as it is.
    this.#reach('details-email', email, `mailto:${encodeURIComponent(email ?? '').replace('%40', '@')}`);
  }

  #reach(/** @type {string} */ id, /** @type {string | null} */ text, /** @type {string} */ href) {
    const link = byId(id, HTMLAnchorElement);
    show(link, Boolean(text));
    // What hides most of it leads nowhere.
    if (this.#lead?.masked) link.removeAttribute('href');
    else link.href = href;
    say(part(link, 'text'), text ?? '');
  }

  #drawDue(/** @type {Lead} */ lead) {
    const open = lead.due_at !== null;
    show(byId('due'), open);
    byId('due-date', HTMLInputElement).value = '';
    byId('due-quick').replaceChildren(
      ...quickDays(this.now ?? Date.now(), this.desk.zone).map(({ name, date }) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'car-chip car-chip--offer';
        button.textContent = t(`leads.due.quick.${name}`);
        button.addEventListener('click', () => this.#setDue(date));
        return button;
      }),
    );
  }

  async #drawFacts(/** @type {Lead} */ lead) {
    const draw = () =>
      byId('details-facts').replaceChildren(
        ...factsOf(lead, this.desk, this.#dealers.get(lead.dealer?.code ?? '') ?? lead.dealer?.code ?? '').map(
          ([name, text]) => fact(name, text),
        ),
      );
    draw();
    const code = lead.dealer?.code;
    if (!code || this.#dealers.has(code)) return;
    const answer = await get(`/s/${this.desk.showroom}/dealers?${new URLSearchParams({ q: code })}`);
    for (const one of answer.dealers ?? []) this.#dealers.set(one.code, one.name);
    if (this.#lead?.id === lead.id) draw();
  }

  #drawConsents(/** @type {Lead} */ lead) {
    const given = lead.consents.map(({ purpose, version, at }) => {
      const item = document.createElement('li');
      const when = moment(Date.parse(at), this.desk.zone);
      const key = `lead.agreed.${purpose}`;
      const what = t(key) === key ? purpose : t(key);
      item.textContent = t('leads.consent', { what, version, when });
      return item;
    });
    const none = document.createElement('li');
    none.textContent = t('leads.consents.none');
    byId('details-consents').replaceChildren(...(given.length ? given : [none]));
  }

  #setUpOwner() {
    if (!this.desk.team) {
      byId('take').addEventListener('click', () =>
        this.#change('owner', { owner: this.#lead?.owner === this.desk.me ? null : 'me' }),
      );
      return;
    }
    const select = byId('assign', HTMLSelectElement);
    select.addEventListener('change', () => this.#change('owner', { owner: select.value || null }));
  }

  #drawOwner(/** @type {Lead} */ lead) {
    if (this.desk.team) {
      const select = byId('assign', HTMLSelectElement);
      const carers = this.desk.advisors.filter((one) => one.cares);
      const none = new Option(t('leads.owner.none'), '');
      select.replaceChildren(none, ...carers.map(({ id, name }) => new Option(name, id)));
      // Whoever has left may have leads still.
      const known = carers.some((one) => one.id === lead.owner);
      if (lead.owner && !known) select.add(new Option(lead.owner_name ?? lead.owner, lead.owner));
      select.value = lead.owner ?? '';
      return;
    }
    const mine = lead.owner === this.desk.me;
    say(byId('owner-name'), mine ? t('leads.owner.you') : (lead.owner_name ?? t('leads.owner.none')));
    say(byId('take'), t(mine ? 'leads.give_back' : 'leads.take'));
    show(byId('take'), mine || lead.owner === null);
  }

  #askWhy(/** @type {boolean} */ ask) {
    show(byId('lose'), ask);
    const reason = byId('lose-reason', HTMLInputElement);
    reason.value = '';
    reason.setAttribute('aria-invalid', 'false');
    if (ask) reason.focus();
  }

  async #move(/** @type {string} */ move, reason = '') {
    if (move === 'lose' && !reason) {
      this.#complain(t('leads.lose.missing'));
      byId('lose-reason').setAttribute('aria-invalid', 'true');
      byId('lose-reason').focus();
      return;
    }
    if (await this.#change('move', reason ? { move, reason } : { move })) this.#askWhy(false);
  }

  async #setDue(/** @type {string} */ date) {
    await this.#change('due', { due_at: dueOn(date, this.desk.zone) });
  }

  async #addNote() {
    const field = byId('note', HTMLTextAreaElement);
    if (field.readOnly) return; // the second tap of an impatient thumb
    if (!field.value.trim()) return field.focus();
    field.readOnly = true;
    if (await this.#change('note', { note: field.value })) field.value = '';
    field.readOnly = false;
  }

  /** Change the open lead, and show how it stands then, one change after the other. */
  #change(/** @type {string} */ what, /** @type {object} */ payload) {
    const lead = this.#lead;
    const url = this.#url(`/${what}`);
    this.#changing = this.#changing.then(() => this.#send(lead, url, payload));
    return this.#changing;
  }

  /** @param {Lead | null} lead @param {string} url @param {object} payload */
  async #send(lead, url, payload) {
    this.#dialog.setAttribute('aria-busy', 'true');
    const answer = await post(url, payload);
    this.#dialog.removeAttribute('aria-busy');
    this.changed();
    if (this.#lead?.id !== lead?.id) return answer.ok;
    if (answer.ok) {
      this.#fill(answer);
      this.#complain('');
    } else await this.#refused(answer);
    return answer.ok;
  }

  /** Show the lead as it is now. */
  async #again() {
    const answer = await get(this.#url(''));
    if (answer.ok && answer.lead.id === this.#lead?.id) this.#fill(answer);
    this.changed();
  }

  /** Say why not, and show what somebody else made of the lead meanwhile. */
  async #refused(/** @type {any} */ answer) {
    const other = ['conflict', 'illegal_move', 'already_taken'].includes(answer.code);
    const field = answer.field === 'due_at' ? t('leads.due.wrong') : '';
    this.#complain(other ? t('leads.changed') : field || refusal(answer));
    const now = other && this.#lead ? await get(this.#url('')) : null;
    if (now?.ok && now.lead.id === this.#lead?.id) this.#fill(now);
    else if (this.#lead) this.#drawOwner(this.#lead);
  }

  #complain(/** @type {string} */ text) {
    say(byId('details-error'), text);
    show(byId('details-error'), Boolean(text));
    if (text) byId('details-error').scrollIntoView({ block: 'nearest' });
  }

  get #moves() {
    return /** @type {HTMLElement[]} */ ([...this.#dialog.querySelectorAll('[data-move]')]);
  }

  #url(/** @type {string} */ what) {
    const query = new URLSearchParams({ showroom: this.desk.showroom });
    return `${this.desk.base}/${encodeURIComponent(this.#lead?.id ?? '')}${what}?${query}`;
  }
}
