// @ts-check
/** Today's calls as a table, and the timeline of one of them. */
import { byId, copyOf, fact, get, part, show, showRows } from '../dom.js';
import { Playback } from './playback.js';
import { clock, languageName, locale, refusal, t } from '../words.js';

const NOTHING = '–';
/** What the robot advisor writes beside an outcome: the page says it in its own language. */
const ROBOT = 'robot';

/**
 * @typedef {object} CallRow
 * @property {string} id
 * @property {string} state
 * @property {number} created_at
 * @property {number | null} waited_ms
 * @property {number | null} talked_ms
 * @property {string | null} advisor
 * @property {string | null} vehicle
 * @property {string} language
 * @property {string | null} end_reason
 * @property {string | null} outcome
 * @property {string} [outcome_reason]
 * @property {number | null} rating
 * @property {string} [comment]
 * @property {string | null} quality
 * @property {string} [notes]
 *
 * @typedef {(slug: string | null) => string} CarNames
 *
 * @typedef {{seq: number, at: number, kind: string, by: string, data: any}} CallEvent
 */

export class Calls {
  /** How many timelines were opened: a slow answer must not replace that of a later one. */
  #opened = 0;

  /** @param {{showroom: string, zone: string}} config @param {CarNames} cars */
  constructor({ showroom, zone }, cars) {
    this.showroom = showroom;
    this.zone = zone;
    this.cars = cars;
    this.playback = new Playback(showroom);
  }

  /** Show these, the newest first, of so many in all. @param {CallRow[]} calls */
  follow(calls, all = calls.length) {
    show(byId('calls-none'), calls.length === 0);
    showRows(byId('calls'), calls, 'call-template', (row, call) => this.#fill(row, call));
    const cut = t('manager.calls.cut', { shown: calls.length, all });
    byId('calls-cut').textContent = cut;
    show(byId('calls-cut'), all > calls.length);
  }

  /** @param {HTMLElement} row @param {CallRow} call */
  #fill(row, call) {
    const time = part(row, 'time');
    time.textContent = this.#time(call.created_at);
    time.onclick = () => this.#open(call);
    part(row, 'state').textContent = stateOf(call);
    part(row, 'advisor').textContent = call.advisor ?? NOTHING;
    part(row, 'vehicle').textContent = this.cars(call.vehicle) || NOTHING;
    part(row, 'waited').textContent = duration(call.waited_ms);
    part(row, 'talked').textContent = duration(call.talked_ms);
    part(row, 'outcome').textContent = call.outcome ? t(`common.outcome.${call.outcome}`) : NOTHING;
    part(row, 'rating').textContent = call.rating ? '★'.repeat(call.rating) : NOTHING;
    const quality = part(row, 'quality');
    quality.textContent = call.quality ? t(`manager.quality.${call.quality}`) : NOTHING;
    quality.dataset.tone = call.quality ?? '';
  }

  #time(/** @type {number} */ ms, seconds = false) {
    return new Date(ms).toLocaleTimeString(locale, {
      timeZone: this.zone,
      hour: '2-digit',
      minute: '2-digit',
      ...(seconds ? { second: '2-digit' } : {}),
    });
  }

  /** Show one call's timeline. @param {CallRow} call */
  async #open(call) {
    const sheet = byId('timeline', HTMLDialogElement);
    byId('timeline-title').textContent = t('manager.timeline', {
      time: this.#time(call.created_at),
    });
    byId('timeline-facts').replaceChildren();
    byId('timeline-events').replaceChildren();
    this.playback.follow([]);
    const query = new URLSearchParams({ showroom: this.showroom });
    byId('timeline-all', HTMLAnchorElement).href = `/manager/calls/${call.id}?${query}`;
    sheet.showModal();
    const turn = ++this.#opened;
    const answer = await get(`/manager/calls/${call.id}/timeline?${query}`);
    if (turn !== this.#opened) return;
    if (!answer.call) {
      byId('timeline-facts').replaceChildren(fact(t('manager.timeline.failed'), refusal(answer)));
      return;
    }
    byId('timeline-facts').replaceChildren(
      ...factsOf({ ...answer.call, vehicle: this.cars(answer.call.vehicle) }).map(([k, v]) =>
        fact(k, v),
      ),
    );
    this.playback.follow(answer.recordings ?? []);
    byId('timeline-events').replaceChildren(
      ...answer.events.map((/** @type {CallEvent} */ event) =>
        this.#event(event, answer.names ?? {}),
      ),
    );
  }

  /** @param {CallEvent} event @param {Record<string, string>} names */
  #event(event, names) {
    const row = copyOf('event-template');
    part(row, 'at').textContent = this.#time(event.at, true);
    // Of an advisor's event the manager wants the name, where the event tells it.
    const advisor = names[event.data?.advisor ?? event.data?.to] ?? '';
    const what = event.data?.text ?? (this.cars(event.data?.vehicle) || advisor);
    const side = event.by === 'customer' || event.by === 'advisor';
    const by = advisor || (side ? t(`common.side.${event.by}`) : '');
    part(row, 'what').textContent = t(`manager.event.${event.kind}`, { by, what });
    row.dataset.kind = event.kind;
    this.playback.offer(part(row, 'jump', HTMLButtonElement), event.at);
    return row;
  }
}

/** @param {CallRow} call @returns {[string, string][]} */
function factsOf(call) {
  /** @type {[string, string | null | undefined][]} */
  const facts = [
    [t('manager.column.state'), stateOf(call)],
    [t('manager.column.advisor'), call.advisor],
    [t('manager.column.vehicle'), call.vehicle],
    [t('manager.column.language'), languageName(call.language)],
    [t('manager.column.waited'), duration(call.waited_ms)],
    [t('manager.column.talked'), duration(call.talked_ms)],
    [t('manager.column.outcome'), call.outcome && t(`common.outcome.${call.outcome}`)],
    [t('manager.column.reason'), reasonOf(call)],
    [t('manager.column.rating'), call.rating ? '★'.repeat(call.rating) : null],
    [t('manager.column.comment'), call.comment],
    [t('manager.column.notes'), call.notes],
  ];
  return /** @type {[string, string][]} */ (facts.filter(([, value]) => Boolean(value)));
}

/** How a call stands, or why it ended. @param {CallRow} call */
function stateOf(call) {
  return call.end_reason ? t(`common.end.${call.end_reason}`) : t(`common.state.${call.state}`);
}

/** @param {number | null} ms */
function duration(ms) {
  return ms === null || ms === undefined ? NOTHING : clock(ms);
}

function reasonOf(/** @type {CallRow} */ call) {
  return call.outcome_reason === ROBOT ? t('common.reason.robot') : call.outcome_reason;
}
