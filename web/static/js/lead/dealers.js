// @ts-check
/**
 * The dealers near a postcode, to pick one from; without a pick it is the nearest. Where nobody knows
 * the postcode, all of them.
 */
import { byId, copyOf, get, part, show } from '../dom.js';
import { locale, t } from '../words.js';

/** @typedef {import('./lead').Dealer} Dealer */

const PAUSE_MS = 400;
/** Nobody is looked for as long as less than this is typed: no shorter postcode is known here. */
const SHORTEST = 4;

export class DealerPicker {
  #code = '';
  #asked = 0;
  #timer = 0;
  #known = '';
  #frame;
  #list;

  /**
   * @param {string} id of the fieldset
   * @param {string} showroom
   * @param {() => void} picked called when another one is picked
   */
  constructor(id, showroom, picked) {
    this.showroom = showroom;
    this.picked = picked;
    this.#frame = byId(id, HTMLFieldSetElement);
    this.#list = part(this.#frame, 'list');
    this.#list.addEventListener('change', (event) => {
      this.#code = /** @type {HTMLInputElement} */ (event.target).value;
      this.picked();
    });
  }

  /** The dealer's code; empty for the nearest. */
  get code() {
    return this.#code;
  }

  /** @param {string} code @param {string} postcode */
  set(code, postcode) {
    this.#code = code;
    if (this.#known !== postcode) this.#look(postcode);
    else this.#mark();
  }

  /** Another postcode is being typed. */
  near(/** @type {string} */ postcode) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(postcode.trim()), PAUSE_MS);
  }

  async #look(/** @type {string} */ postcode) {
    const asked = ++this.#asked;
    this.#known = postcode;
    const query = new URLSearchParams({ postcode });
    const enough = postcode.length >= SHORTEST || this.#code;
    const answer = enough ? await get(`/s/${this.showroom}/dealers?${query}`) : {};
    if (asked !== this.#asked) return;
    /** @type {Dealer[]} */
    const dealers = answer.dealers ?? [];
    // A dealer who was picked for another postcode is still the one who was picked.
    const known = !this.#code || dealers.some((one) => one.code === this.#code);
    const offered = known ? dealers : [bare(this.#code), ...dealers];
    show(this.#frame, offered.length > 0);
    const any = this.#row(null, t(`lead.dealer.${answer.found ? 'nearest' : 'any'}`));
    this.#list.replaceChildren(any, ...offered.map((one) => this.#row(one, one.name)));
    this.#mark();
  }

  /** @param {Dealer | null} dealer @param {string} name */
  #row(dealer, name) {
    const row = copyOf('dealer-template');
    const choice = part(row, 'choice', HTMLInputElement);
    choice.value = dealer?.code ?? '';
    choice.name = `${this.#frame.id}-choice`;
    part(row, 'name').textContent = name;
    const far = dealer?.km ?? null;
    part(row, 'where').textContent = [dealer?.city, far === null ? '' : kilometres(far)]
      .filter(Boolean)
      .join(' · ');
    return row;
  }

  #mark() {
    for (const choice of this.#list.querySelectorAll('input')) {
      choice.checked = choice.value === this.#code;
    }
  }
}

/** @returns {Dealer} */
function bare(/** @type {string} */ code) {
  return { code, name: code, street: '', postcode: '', city: '', km: null };
}

function kilometres(/** @type {number} */ km) {
  const style = /** @type {const} */ ({ style: 'unit', unit: 'kilometer' });
  return km.toLocaleString(locale, { ...style, maximumFractionDigits: km < 10 ? 1 : 0 });
}
