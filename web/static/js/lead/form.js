// @ts-check
/** The side sheet's fields: what is typed there, and what another version says. */
import { byId, copyOf, part, say, show } from '../dom.js';
import { locale, t } from '../words.js';
import { DealerPicker } from './dealers.js';
import { complain } from './problems.js';

/** @typedef {import('./lead').Sheet} Sheet */
/** @typedef {import('./lead').WishedVehicle} WishedVehicle */
/** @typedef {{id: string, name: string, version: string, withdrawn: boolean}} Car */

const LINES = /** @type {const} */ ([
  'name',
  'email',
  'phone',
  'postcode',
  'budget',
  'financing',
  'horizon',
  'notes',
]);
const TRADE_IN = /** @type {const} */ ([
  'make',
  'model',
  'year',
  'mileage',
  'condition',
  'registration',
]);

export class SheetForm {
  form = byId('lead', HTMLFormElement);
  #dealers;
  /** @type {WishedVehicle[]} */
  #vehicles = [];
  /** Cars that were spoken of and may be wished, too. @type {string[]} */
  #seen = [];
  /** What the form does not show, and gives back as it was. @type {Sheet | null} */
  #rest = null;
  /** The version of the text that is read aloud, by purpose. @type {Record<string, string>} */
  #texts = {};
  /** Consents to another version of the text hold on. @type {Map<string, string>} */
  #agreed = new Map();

  /**
   * @param {{showroom: string, zone: string, vehicles: Car[]}} config the page's data block
   * @param {() => void} typed called with every change
   */
  constructor(config, typed) {
    this.cars = config.vehicles;
    this.zone = config.zone;
    this.typed = typed;
    this.#dealers = new DealerPicker('lead-dealers', config.showroom, typed);
    this.form.addEventListener('input', (event) => this.#heard(event));
    const more = byId('lead-vehicle', HTMLSelectElement);
    more.addEventListener('change', () => {
      this.#add(more.value);
      more.value = '';
    });
  }

  /** Show a sheet. @param {Sheet} sheet @param {Partial<Sheet>} [foreign] what others wrote instead */
  show(sheet, foreign = {}) {
    this.#rest = sheet;
    for (const name of LINES) this.#set(name, sheet[name]);
    for (const name of TRADE_IN) this.#set(`trade_in.${name}`, sheet.trade_in[name]);
    const wishes = new Set(sheet.wishes);
    for (const box of this.#wishes) box.checked = wishes.has(/** @type {any} */ (box.value));
    this.#agreed = new Map(sheet.consents.map(({ purpose, version }) => [purpose, version]));
    for (const box of this.#consents) box.checked = this.#agreed.has(box.value);
    this.#vehicles = sheet.vehicles;
    this.#dealers.set(sheet.dealer, sheet.postcode);
    this.#drawCars();
    this.#showTradeIn();
    this.#tell(foreign);
  }

  /** What stands in the form. @returns {Sheet} */
  read() {
    const value = (/** @type {string} */ name) => this.#field(name).value;
    const lines = Object.fromEntries(LINES.map((name) => [name, value(name)]));
    const car = Object.fromEntries(TRADE_IN.map((name) => [name, value(`trade_in.${name}`)]));
    const agreed = this.#consents.filter((box) => box.checked);
    return /** @type {any} */ ({
      ...this.#rest,
      ...lines,
      trade_in: car,
      wishes: this.#wishes.filter((box) => box.checked).map((box) => box.value),
      consents: agreed.map(({ value: purpose }) => ({
        purpose,
        version: this.#agreed.get(purpose) ?? this.#texts[purpose] ?? '',
      })),
      vehicles: this.#vehicles,
      dealer: this.#dealers.code,
    });
  }

  /** Know the versions of the texts that are read aloud now, by purpose. */
  know(/** @type {Record<string, string>} */ texts) {
    this.#texts = texts;
  }

  /** Say when each consent was given, or which text is to be read. @param {Record<string, string>} given */
  date(given) {
    const style = /** @type {const} */ ({ timeZone: this.zone, dateStyle: 'long' });
    for (const { value: purpose } of this.#consents) {
      const version = this.#agreed.get(purpose) ?? this.#texts[purpose] ?? '';
      const at = given[purpose];
      const note = at
        ? t('lead.consent.given', { date: new Date(at).toLocaleDateString(locale, style) })
        : t('lead.consent.note', { version });
      say(byId(`lead-consent-${purpose}-note`), note);
    }
  }

  /** @param {string[]} seen cars that were shown in this call */
  offer(seen) {
    if (seen.join() === this.#seen.join()) return;
    this.#seen = seen;
    this.#drawCars();
  }

  /** Say what can't be understood, by field, or what is missing. @param {Record<string, string>} problems */
  complain(problems) {
    complain(this.form, problems);
  }

  #heard(/** @type {Event} */ event) {
    const { name, value } = /** @type {HTMLInputElement} */ (event.target);
    // The picker and the list of cars tell their changes themselves.
    if (!name || name.endsWith('-choice')) return;
    if (name === 'postcode') this.#dealers.near(value);
    if (name === 'wishes') this.#showTradeIn();
    const place = this.#places('problem').find((one) => one.dataset.problem === name);
    if (place) say(place, '');
    this.#field(name).setAttribute?.('aria-invalid', 'false');
    this.typed();
  }

  #showTradeIn() {
    const wished = this.#wishes.some((box) => box.checked && box.value === 'trade-in');
    const told = TRADE_IN.some((name) => this.#field(`trade_in.${name}`).value);
    show(byId('lead-trade-in'), wished || told);
  }

  #drawCars() {
    const chosen = new Set(this.#vehicles.map((car) => car.slug));
    const rows = this.#vehicles.map((car) => {
      const row = copyOf('lead-car-template');
      const name = [this.#nameOf(car.slug), car.version, car.configuration].filter(Boolean);
      part(row, 'name').textContent = name.join(' · ');
      const remove = part(row, 'remove', HTMLButtonElement);
      remove.setAttribute('aria-label', t('lead.vehicle.remove', { name: name.join(' ') }));
      remove.addEventListener('click', () => this.#put(this.#vehicles.filter((one) => one !== car)));
      return row;
    });
    const seen = this.#seen.filter((slug) => !chosen.has(slug) && this.#nameOf(slug) !== slug);
    const offers = seen.map((slug) => {
      const row = copyOf('lead-offer-template');
      part(row, 'name').textContent = this.#nameOf(slug);
      part(row, 'add').addEventListener('click', () => this.#add(slug));
      return row;
    });
    byId('lead-cars').replaceChildren(...rows, ...offers);
    const select = byId('lead-vehicle', HTMLSelectElement);
    const others = this.cars.filter((car) => !car.withdrawn && !chosen.has(car.id));
    const first = new Option(t('lead.vehicle.add'), '');
    select.replaceChildren(first, ...others.map((car) => new Option(car.name, car.id)));
    show(select, others.length > 0);
  }

  #add(/** @type {string} */ slug) {
    if (!slug) return;
    const version = this.cars.find((car) => car.id === slug)?.version ?? '';
    this.#put([...this.#vehicles, { slug, version, configuration: '' }]);
  }

  #put(/** @type {WishedVehicle[]} */ vehicles) {
    this.#vehicles = vehicles;
    this.#drawCars();
    // The button that was tapped is gone, and the keyboard must be somewhere.
    byId('lead-vehicle').focus({ preventScroll: true });
    this.typed();
  }

  #nameOf(/** @type {string} */ slug) {
    return this.cars.find((car) => car.id === slug)?.name ?? slug;
  }

  /** Tell beside a field what somebody else wrote there, and that it was not taken. */
  #tell(/** @type {Partial<Sheet>} */ foreign) {
    for (const place of this.#places('foreign')) {
      const name = /** @type {keyof Sheet} */ (place.dataset.foreign);
      const theirs = foreign[name];
      const text = typeof theirs === 'string' ? theirs || t('lead.foreign.nothing') : '';
      say(place, text && t('lead.foreign', { text }));
      show(place, Boolean(text));
    }
    show(byId('lead-foreign'), Object.keys(foreign).length > 0);
  }

  #set(/** @type {string} */ name, /** @type {string} */ value) {
    const field = this.#field(name);
    // The cursor of whoever types there stays where it is.
    if (field.value !== value) field.value = value;
  }

  #field(/** @type {string} */ name) {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name));
  }

  get #wishes() {
    return this.#boxes('wishes');
  }

  get #consents() {
    return this.#boxes('consents');
  }

  #boxes(/** @type {string} */ name) {
    const found = this.form.querySelectorAll(`input[name="${name}"]`);
    return /** @type {HTMLInputElement[]} */ ([...found]);
  }

  #places(/** @type {'problem' | 'foreign'} */ kind) {
    return /** @type {HTMLElement[]} */ ([...this.form.querySelectorAll(`[data-${kind}]`)]);
  }
}
