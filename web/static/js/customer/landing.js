// @ts-check
/** The landing page: is it open, who is free, and the range, one car of which can be chosen. */
import { byId, pictureUrl, say, show } from '../dom.js';
import { count, locale, money, moment, t, waitInWords } from '../words.js';
import { listItem } from '../card.js';

const ANGLES = ['three_quarter', 'side', 'front', 'rear'];

/** @typedef {import('../wire').Vehicle} Vehicle */

export class Landing {
  /** @type {Vehicle | null} */
  chosen = null;

  #vehicles;
  #language;
  #picture = document.querySelector('#hero-picture');
  #angle = '';
  #paint = '';
  #plain;

  /**
   * @param {{vehicles: Vehicle[], language: string,
   *   state: import('../wire').ShowroomState}} config the page's data block
   */
  constructor(config) {
    this.#vehicles = config.vehicles;
    this.#language = config.language;
    this.#plain = {
      eyebrow: byId('hero-eyebrow').textContent ?? '',
      title: byId('hero-title').textContent ?? '',
      lead: byId('hero-lead').textContent ?? '',
    };
    for (const card of this.#cards()) {
      const price = /** @type {HTMLElement} */ (card.querySelector('[data-price]'));
      const { price: hundredths, currency } = price.dataset;
      price.textContent = t('customer.from', {
        price: money(Number(hundredths), currency ?? 'EUR'),
      });
      card.addEventListener('click', () => this.choose(card.dataset.vehicle ?? null));
    }
    byId('whole-range').addEventListener('click', () => this.choose(null));
    this.follow(config.state);
  }

  /** Show what the showroom says of itself. */
  follow(/** @type {import('../wire').ShowroomState} */ state) {
    const here = state.languages?.[this.#language];
    const presence = byId('presence');
    const taken = state.open && !state.queue_closed;
    presence.dataset.open = String(taken);
    presence.dataset.free = String(Boolean(here?.free));
    say(byId('presence-text'), presenceText(state, here));
    show(byId('call'), taken && byId('unsupported').hidden);
    show(byId('call-note'), taken);
    // Only a showroom that has something to say while it is closed has this.
    const closed = document.getElementById('closed-text');
    if (closed) show(closed, !state.open);
    // The one thing that can be done now looks like it.
    byId('book').classList.toggle('button--quiet', taken);
    byId('book').classList.toggle('button--call', !taken);
    document.body.dataset.open = String(taken);
    const notice = state.notice[this.#language] ?? Object.values(state.notice)[0] ?? '';
    say(byId('showroom-notice-text'), notice);
    show(byId('showroom-notice'), Boolean(notice));
  }

  /** Put one car on the stage, or the whole range back. @param {string | null} id */
  choose(id) {
    this.chosen = this.#vehicles.find((one) => one.id === id) ?? null;
    for (const card of this.#cards()) {
      card.setAttribute('aria-pressed', String(card.dataset.vehicle === id));
    }
    const car = this.chosen;
    byId('hero-eyebrow').textContent = car ? car.version : this.#plain.eyebrow;
    byId('hero-title').textContent = car ? car.name : this.#plain.title;
    byId('hero-lead').textContent = car ? car.tagline : this.#plain.lead;
    byId('call-note').textContent = car
      ? t('customer.about', { name: car.name })
      : t('customer.no_install');
    show(byId('hero-price'), Boolean(car));
    show(byId('hero-details'), Boolean(car));
    byId('hero').dataset.chosen = String(Boolean(car));
    const shown = car ?? this.#vehicles[0];
    this.#paint = shown?.pictures.find((one) => one.path === shown.picture)?.paint ?? '';
    this.#angle = ANGLES.find((angle) => shown?.pictures.some((one) => one.angle === angle)) ?? '';
    if (car) this.#describe(car);
    this.#draw();
    scrollTo({ top: 0 });
  }

  #cards() {
    return /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.car[data-vehicle]'));
  }

  #describe(/** @type {Vehicle} */ car) {
    byId('hero-price').textContent = t('customer.from', { price: money(car.price, car.currency) });
    byId('equipment').replaceChildren(...car.equipment.map(listItem));
    byId('specs').replaceChildren(
      ...['energy', 'range_km', 'power_kw', 'seats', 'boot_litres'].flatMap((key) => {
        const value = car[/** @type {'seats'} */ (key)];
        return value === null || value === undefined ? [] : [spec(key, value)];
      }),
    );
    const paints = car.paints.filter((paint) =>
      car.pictures.some((one) => one.paint === paint.slug),
    );
    byId('paints').replaceChildren(
      ...paints.map((paint) => {
        const swatch = choice(paint.name, paint.slug === this.#paint, () => {
          this.#paint = paint.slug;
          this.#draw();
        });
        swatch.className = 'swatch';
        swatch.style.setProperty('--swatch', paint.hex);
        swatch.setAttribute('aria-label', paint.name);
        swatch.title = paint.name;
        swatch.textContent = '';
        return swatch;
      }),
    );
    const angles = ANGLES.filter((angle) => car.pictures.some((one) => one.angle === angle));
    byId('angles').replaceChildren(
      ...angles.map((angle) =>
        choice(t(`customer.angle.${angle}`), angle === this.#angle, () => {
          this.#angle = angle;
          this.#draw();
        }),
      ),
    );
  }

  /** Show the car on the stage from the chosen angle, in the chosen paint. */
  #draw() {
    const car = this.chosen ?? this.#vehicles[0];
    if (!car || !(this.#picture instanceof HTMLImageElement)) return;
    const from = (/** @type {string} */ angle) => car.pictures.filter((one) => one.angle === angle);
    const found =
      from(this.#angle).find((one) => one.paint === this.#paint) ?? from(this.#angle)[0];
    this.#picture.src = pictureUrl(found?.path ?? car.picture);
    byId('stage').dataset.angle = this.#angle;
    this.#picture.alt = car.name;
  }
}

/**
 * @param {import('../wire').ShowroomState} state
 * @param {import('../wire').LanguageState | undefined} here
 */
function presenceText(state, here) {
  if (!state.open) {
    return state.next_opening
      ? t('customer.closed_until', { when: moment(state.next_opening) })
      : t('customer.closed');
  }
  if (state.queue_closed) return t('customer.queue_closed');
  if (here?.free) return count('customer.free', here.free);
  if (here?.on_duty) {
    const known = here.expected_wait !== null;
    return known ? t('customer.busy', { wait: waitInWords(here.expected_wait) }) : t('customer.all_busy');
  }
  return t('customer.nobody');
}

/** @param {string} key @param {number | string} value */
function spec(key, value) {
  const row = document.createElement('div');
  const name = document.createElement('dt');
  const figure = document.createElement('dd');
  name.textContent = t(`customer.spec.${key}`);
  figure.textContent =
    key === 'energy' ? t(`customer.energy.${value}`) : t(`customer.unit.${key}`, { n: value.toLocaleString(locale) });
  row.append(name, figure);
  return row;
}

/** One button of a group of which one is pressed. */
function choice(
  /** @type {string} */ name,
  /** @type {boolean} */ on,
  /** @type {() => void} */ pick,
) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'choice';
  button.textContent = name;
  button.setAttribute('aria-pressed', String(on));
  button.addEventListener('click', () => {
    for (const one of button.parentElement?.children ?? []) {
      one.setAttribute('aria-pressed', String(one === button));
    }
    pick();
  });
  return button;
}
