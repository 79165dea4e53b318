// @ts-check
/**
 * One section of the settings: its fields, what of them differs from what is saved, and saving it.
 *
 * Only what was changed here is sent, with what it was when it was loaded. Where somebody else has
 * changed the same meanwhile, nothing is saved: theirs shows below the field, and either stays.
 */
import { part, post, say, show } from '../dom.js';
import { languageName, refusal, t } from '../words.js';
import { WRONG, read, write } from './fields.js';
import { Rows } from './rows.js';

/** @typedef {{path: string, kind: string, read: () => any, write: (value: any) => void | Promise<void>, wrong: () => HTMLElement | null, field: HTMLElement | null}} Control */
/** @typedef {Record<string, any>} Table */

export class Section {
  /** What stands in each field since it was loaded or saved, as JSON. @type {Map<string, string | undefined>} */
  #saved = new Map();
  /** @type {Control[]} */
  controls = [];

  /**
   * @param {HTMLFormElement} form
   * @param {{showroom: string, table: Table, spoken: string[]}} config its table is the newest that is known
   * @param {(section: Section) => void} saved
   * @param {import('./holidays.js').Holidays} holidays
   */
  constructor(form, config, saved, holidays) {
    this.form = form;
    this.config = config;
    this.saved = saved;
    this.holidays = holidays;
    /** What was seen when it was loaded. @type {Table} */
    this.seen = config.table;
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('[data-control]'))) {
      this.controls.push(this.#control(node));
    }
    form.addEventListener('input', () => this.follow());
    form.addEventListener('change', () => this.follow());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.save();
    });
    part(form, 'undo').addEventListener('click', () => this.load());
  }

  /** Whether something here differs from what is saved. */
  get dirty() {
    return this.controls.some((one) => this.#differs(one));
  }

  /** Show what is saved. */
  async load() {
    this.seen = this.config.table;
    await Promise.all(this.controls.map((one) => this.#fill(one)));
    this.#complain({}, '');
    this.follow();
    this.form.dispatchEvent(new CustomEvent('loaded'));
  }

  /** Tell the page that a field was changed. */
  follow() {
    show(part(this.form, 'undo'), this.dirty);
    if (this.dirty) say(part(this.form, 'said'), '');
    this.form.dispatchEvent(new CustomEvent('followed'));
  }

  async save() {
    const changed = this.controls.filter((one) => this.#differs(one));
    const wrong = changed.filter((one) => one.wrong());
    const problems = wrong.map((one) => [one.path, this.#problem(one)]);
    this.#complain(Object.fromEntries(problems), problems.length ? t('settings.check') : '');
    if (wrong[0]) return wrong[0].wrong()?.focus();
    if (!changed.length) return say(part(this.form, 'said'), t('settings.nothing'));
    /** @type {Table} */
    const given = {};
    for (const one of changed) put(given, one.path, one.read());
    this.form.setAttribute('aria-busy', 'true');
    const query = new URLSearchParams({ showroom: this.config.showroom });
    const answer = await post(`/manager/showroom/settings?${query}`, { given, seen: this.seen });
    this.form.removeAttribute('aria-busy');
    if (answer.table) await this.#renew(answer.table, answer.ok ? [] : changed);
    if (answer.ok) {
      say(part(this.form, 'said'), t('settings.saved'));
      this.saved(this);
    } else if (answer.meanwhile) this.#heldBack(answer.meanwhile);
    else this.#refused(answer, changed);
  }

  /** Go by what stands now, but for what was changed here. @param {Table} table @param {Control[]} mine */
  async #renew(table, mine) {
    this.config.table = table;
    this.seen = table;
    await Promise.all(
      this.controls.filter((one) => !mine.includes(one)).map((one) => this.#fill(one)),
    );
    this.follow();
  }

  async #fill(/** @type {Control} */ one) {
    await one.write(at(this.config.table, one.path));
    this.#saved.set(one.path, JSON.stringify(one.read()));
  }

  #differs(/** @type {Control} */ one) {
    return this.#saved.has(one.path) && JSON.stringify(one.read()) !== this.#saved.get(one.path);
  }

  /** @param {any} answer @param {Control[]} changed */
  #refused(answer, changed) {
    const found = Object.keys(answer.problems ?? {});
    const wrong = changed.filter((one) =>
      found.some((path) => path === one.path || path.startsWith(`${one.path}.`)),
    );
    const problems = wrong.map((one) => [one.path, this.#problem(one)]);
    const text = wrong.length ? t('settings.check') : refusal(answer);
    this.#complain(Object.fromEntries(problems), text);
    wrong[0]?.field?.focus();
  }

  /** Show what somebody else has made of the same fields. @param {Record<string, string>} by */
  #heldBack(by) {
    this.#complain({}, t('settings.meanwhile'));
    for (const one of this.controls) {
      const path = Object.keys(by).find((path) => path === one.path || path.startsWith(`${one.path}.`));
      const place = this.form.querySelector(`[data-theirs="${one.path}"]`);
      if (path === undefined || !(place instanceof HTMLElement)) continue;
      const value = inWords(at(this.config.table, one.path));
      const who = by[path] || t('settings.somebody');
      say(part(place, 'text'), t('settings.theirs', { who, value }));
      part(place, 'take').onclick = async () => {
        await this.#fill(one);
        show(place, false);
        one.field?.focus();
        this.follow();
      };
      show(place, true);
    }
  }

  /** @param {Record<string, string>} problems by path @param {string} text */
  #complain(problems, text) {
    for (const one of this.controls) {
      const place = this.form.querySelector(`[data-problem="${one.path}"]`);
      if (place instanceof HTMLElement) say(place, problems[one.path] ?? '');
      one.field?.setAttribute('aria-invalid', String(one.path in problems));
      const theirs = this.form.querySelector(`[data-theirs="${one.path}"]`);
      if (theirs instanceof HTMLElement) show(theirs, false);
    }
    say(part(this.form, 'error'), text);
    show(part(this.form, 'error'), Boolean(text));
    if (text) say(part(this.form, 'said'), '');
  }

  #problem(/** @type {Control} */ one) {
    const { min, max } = /** @type {HTMLInputElement} */ (one.field ?? {});
    const spoken = this.config.spoken.map((code) => `${code} (${languageName(code)})`).join(', ');
    return t(`settings.wrong.${one.kind}`, { least: min ?? '', most: max ?? '', languages: spoken });
  }

  /** @returns {Control} */
  #control(/** @type {HTMLElement} */ node) {
    const { control: path = '', kind = '' } = node.dataset;
    const field = /** @type {import('./fields.js').Field | null} */ (
      node.querySelector(`[id="${path}"]`)
    );
    if (kind === 'holidays') {
      const { holidays } = this;
      return {
        path, kind, field: null,
        read: () => holidays.read(),
        write: (value) => holidays.write(value),
        wrong: () => holidays.wrong(),
      };
    }
    if (kind === 'rows') {
      const rows = new Rows(node, path, () => this.follow(), () => this.save());
      return {
        path, kind, field: null,
        read: () => rows.read(),
        write: (value) => rows.write(value),
        wrong: () => rows.wrong(),
      };
    }
    if (!field) throw new Error(`There is no field ${path}.`);
    return {
      path, kind, field,
      read: () => read(field, kind),
      write: (value) =>
        path === 'holidays.country'
          ? this.holidays.offer(value ?? '', at(this.config.table, 'holidays.region') ?? '')
          : write(field, kind, value),
      wrong: () => (read(field, kind) === WRONG ? field : null),
    };
  }
}

/** @param {Table} table @param {string} path @returns {any} */
function at(table, path) {
  return path.split('.').reduce((/** @type {any} */ found, name) => found?.[name], table);
}

/** @param {Table} table @param {string} path @param {any} value */
function put(table, path, value) {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const inner = names.reduce((found, name) => (found[name] ??= {}), table);
  inner[last] = value;
}

/** A value on one line, for somebody who compares it. */
function inWords(/** @type {any} */ value) {
  if (typeof value === 'boolean') return t(`settings.is.${value ? 'on' : 'off'}`);
  if (Array.isArray(value)) {
    const rows = value.map((one) => (typeof one === 'object' ? Object.values(one)[0] : one));
    return rows.join(', ') || t('settings.is.empty');
  }
  return String(value ?? '') || t('settings.is.empty');
}
