// @ts-check
/** The public holidays of the next twelve months, and what the showroom does on each of them. */
import { byId, copyOf, get, part, show } from '../dom.js';
import { countryName, locale, t } from '../words.js';
import { WRONG, read, write } from './fields.js';

/** @typedef {{name: string, hours: string[]}} Rule */
/** @typedef {{day: string, name: string, shown: string}} Day */

export class Holidays {
  #list = byId('holidays');
  #country = byId('holidays.country', HTMLSelectElement);
  #region = byId('holidays.region', HTMLSelectElement);
  /** @type {Rule[]} */
  #rules = [];
  #asked = 0;

  /** @param {{showroom: string, calendars: Record<string, [string, string][]>}} config @param {() => void} changed */
  constructor(config, changed) {
    this.config = config;
    this.changed = changed;
    const countries = Object.keys(config.calendars).sort((a, b) =>
      countryName(a).localeCompare(countryName(b), locale),
    );
    this.#country.add(new Option(t('settings.holidays.no_country'), ''));
    for (const code of countries) this.#country.add(new Option(countryName(code), code));
    this.#country.addEventListener('change', () => {
      this.#offerRegions('');
      this.#elsewhere();
    });
    this.#region.addEventListener('change', () => this.#elsewhere());
  }

  /** @param {any} value the rules, with the country and region already in their fields */
  async write(value) {
    this.#rules = value ?? [];
    await this.#ask(true);
  }

  /** Offer the regions of a country, and choose one. */
  offer(/** @type {string} */ country, /** @type {string} */ region) {
    this.#country.value = country;
    this.#offerRegions(region);
  }

  /** @returns {any} */
  read() {
    const rows = /** @type {HTMLElement[]} */ ([...this.#list.children]);
    /** @type {Map<string, string[] | typeof WRONG>} */
    const found = new Map();
    for (const row of rows) {
      const does = part(row, 'does', HTMLSelectElement).value;
      const field = part(row, 'hours', HTMLInputElement);
      const own = field.value.trim() ? read(field, 'spans') : WRONG;
      if (does !== 'usual') found.set(row.dataset.name ?? '', does === 'closed' ? [] : own);
    }
    if ([...found.values()].includes(WRONG)) return WRONG;
    const byName = [...found].sort(([one], [other]) => (one < other ? -1 : 1));
    return byName.map(([name, hours]) => ({ name, hours }));
  }

  wrong() {
    const fields = [...this.#list.children].map((row) =>
      part(/** @type {HTMLElement} */ (row), 'hours', HTMLInputElement),
    );
    const isWrong = (/** @type {HTMLInputElement} */ field) =>
      !field.parentElement?.hidden && (!field.value.trim() || read(field, 'spans') === WRONG);
    for (const field of fields) field.setAttribute('aria-invalid', String(isWrong(field)));
    return fields.find(isWrong) ?? null;
  }

  #offerRegions(/** @type {string} */ chosen) {
    const regions = this.config.calendars[this.#country.value] ?? [];
    this.#region.replaceChildren(new Option(t('settings.holidays.whole_country'), ''));
    for (const [code, name] of regions) this.#region.add(new Option(name, code));
    this.#region.value = chosen;
    this.#region.disabled = regions.length === 0;
  }

  /** Keep of what was chosen what this calendar has, too. */
  async #elsewhere() {
    const chosen = this.read();
    if (chosen !== WRONG) this.#rules = chosen;
    await this.#ask(false);
    this.changed();
  }

  async #ask(/** @type {boolean} */ whole) {
    const turn = ++this.#asked;
    const [country, region] = [this.#country.value, this.#region.value];
    const { showroom } = this.config;
    const query = new URLSearchParams({ showroom, country, region });
    const answer = country ? await get(`/manager/showroom/holidays?${query}`) : { days: [] };
    if (turn === this.#asked) this.#draw(answer.days ?? [], whole);
  }

  /** @param {Day[]} days @param {boolean} whole with the rules for which no day comes up */
  #draw(days, whole) {
    /** @type {Map<string, {shown: string, days: string[]}>} */
    const byName = new Map();
    for (const { name, shown, day } of days) {
      const known = byName.get(name) ?? { shown, days: [] };
      byName.set(name, { shown: known.shown, days: [...known.days, day] });
    }
    // A rule whose day does not come within the year is not lost.
    for (const { name } of whole ? this.#rules : []) {
      if (!byName.has(name)) byName.set(name, { shown: name, days: [] });
    }
    this.#list.replaceChildren(...[...byName].map(([name, one]) => this.#row(name, one)));
    show(byId('holidays-none'), byName.size === 0);
  }

  /** @param {string} name @param {{shown: string, days: string[]}} one */
  #row(name, one) {
    const row = copyOf('holiday-template');
    const rule = this.#rules.find((known) => known.name === name);
    row.dataset.name = name;
    part(row, 'name').textContent = one.shown;
    part(row, 'when').textContent = one.days.map(written).join(', ') || t('settings.holiday.no_day');
    const does = part(row, 'does', HTMLSelectElement);
    const hours = part(row, 'hours', HTMLInputElement);
    does.id = `does-${name}`;
    hours.id = `hours-${name}`;
    const labels = /** @type {const} */ ([['does-label', does, 'does'], ['hours-label', hours, 'hours']]);
    for (const [label, field, key] of labels) {
      part(row, label, HTMLLabelElement).htmlFor = field.id;
      part(row, label).textContent = t(`settings.holiday.${key}`, { name: one.shown });
    }
    does.value = rule ? (rule.hours.length ? 'own' : 'closed') : 'usual';
    write(hours, 'spans', rule?.hours ?? []);
    const follow = () => show(part(row, 'own'), does.value === 'own');
    does.addEventListener('change', follow);
    follow();
    return row;
  }
}

function written(/** @type {string} */ day) {
  const options = /** @type {const} */ ({
    timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short', year: 'numeric',
  });
  return new Date(day).toLocaleDateString(locale, options);
}
