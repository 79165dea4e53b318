// @ts-check
/** Alarms that are up, kinds that are silenced, and the alarms of the last days. */
import { byId, get, part, post, say, show, showRows } from '../dom.js';
import { clock, locale, moment, refusal, t, timeOf } from '../words.js';

const NOTHING = '–';

/** @typedef {import('../wire').FloorAlarm} FloorAlarm */
/** @typedef {import('../wire').AlarmKind} AlarmKind */
/** @typedef {FloorAlarm & {cleared_at: number | null}} PastAlarm */

export class Alarms {
  /** Those that stood here at the last look: a new one is announced. @type {Set<string> | null} */
  #known = null;
  #list = byId('alarms-history', HTMLDetailsElement);

  /** @param {{showroom: string, zone: string}} config @param {import('./orders.js').Orders} orders */
  constructor({ showroom, zone }, orders) {
    this.query = new URLSearchParams({ showroom });
    this.zone = zone;
    this.orders = orders;
    this.#list.addEventListener('toggle', () => this.#list.open && this.#look());
  }

  follow(/** @type {import('../wire').FloorState} */ { alarms, silences }) {
    const silent = /** @type {[AlarmKind, number][]} */ (Object.entries(silences));
    say(byId('alarms-count'), String(alarms.length));
    show(byId('alarms-part'), alarms.length + silent.length > 0);
    showRows(byId('alarms'), alarms, 'alarm-template', (row, one) => this.#fill(row, one, silences));
    const kinds = silent.map(([kind, until]) => ({ id: kind, until }));
    showRows(byId('silences'), kinds, 'silence-template', (row, { id, until }) => {
      const time = timeOf(until, this.zone);
      say(part(row, 'text'), t('manager.alarm.silent', { kind: t(`manager.alarm.kind.${id}`), time }));
      const button = part(row, 'end', HTMLButtonElement);
      button.setAttribute('aria-label', `${button.textContent}: ${t(`manager.alarm.kind.${id}`)}`);
      button.onclick = () => this.orders.silence(id, false);
    });
    this.#announce(alarms);
    if (this.#list.open) this.#look();
  }

  /** @param {HTMLElement} row @param {FloorAlarm} one @param {object} silences */
  #fill(row, one, silences) {
    const text = inWords(one);
    say(part(row, 'text'), text);
    part(row, 'time').dataset.since = String(one.since);
    const seen = one.acknowledged_at !== null;
    row.dataset.seen = String(seen);
    const by = one.acknowledged_by || t('manager.alarm.somebody');
    say(part(row, 'seen'), seen ? t('manager.alarm.seen', { name: by }) : '');
    const see = part(row, 'see', HTMLButtonElement);
    show(see, !seen);
    see.setAttribute('aria-label', `${see.textContent}: ${text}`);
    see.onclick = () => this.#see(one.id);
    const silence = part(row, 'silence', HTMLButtonElement);
    show(silence, !(one.kind in silences));
    silence.setAttribute('aria-label', `${silence.textContent}: ${t(`manager.alarm.kind.${one.kind}`)}`);
    silence.onclick = () => this.orders.silence(one.kind, true);
  }

  /** Tell who does not look of what has come, and of the last one's end. */
  #announce(/** @type {FloorAlarm[]} */ alarms) {
    const ids = new Set(alarms.map((one) => one.id));
    const before = this.#known;
    this.#known = ids;
    if (!before) return;
    const come = alarms.filter((one) => !before.has(one.id)).map(inWords);
    if (come.length) say(byId('alarms-line'), come.join(' '));
    else if (before.size && !ids.size) say(byId('alarms-line'), t('manager.alarms.over'));
  }

  async #see(/** @type {string} */ id) {
    const answer = await post(`/manager/alarms/${id}/acknowledge?${this.query}`, {});
    if (!answer.ok) say(byId('alarms-line'), refusal(answer));
  }

  async #look() {
    const answer = await get(`/manager/alarms?${this.query}`);
    const trouble = answer.ok ? '' : refusal(answer);
    say(byId('alarms-trouble'), trouble);
    show(byId('alarms-trouble'), Boolean(trouble));
    if (!answer.ok) return;
    const found = /** @type {PastAlarm[]} */ (answer.alarms);
    show(byId('alarms-none'), found.length === 0);
    show(byId('alarms-table'), found.length > 0);
    showRows(byId('alarms-past'), found, 'past-alarm-template', (row, one) => {
      say(part(row, 'what'), inWords(one));
      say(part(row, 'raised'), moment(one.raised_at, this.zone));
      const over = one.cleared_at;
      say(part(row, 'cleared'), over === null ? t('manager.alarm.up') : moment(over, this.zone));
      say(part(row, 'lasted'), over === null ? NOTHING : clock(over - one.raised_at));
      const seen = one.acknowledged_at !== null;
      say(part(row, 'seen'), seen ? one.acknowledged_by || t('manager.alarm.somebody') : NOTHING);
    });
  }
}

/** What is wrong, on one line. @param {FloorAlarm} alarm */
function inWords({ kind, name, numbers }) {
  const { limit = 0, minutes = 0, offered = 0, answered = 0 } = numbers;
  const share = (limit / 100).toLocaleString(locale, { style: 'percent' });
  const limits = { answers: share, receiver: clock(limit * 60_000) };
  const said = kind in limits ? limits[/** @type {keyof typeof limits} */ (kind)] : clock(limit * 1000);
  return t(`manager.alarm.${kind}`, { name, minutes, offered, answered, limit: said });
}
