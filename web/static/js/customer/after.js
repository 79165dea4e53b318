// @ts-check
/** After the call: a rating, the cars seen, what comes next, and calling again if it broke. */
import { byId, copyOf, part, say, show } from '../dom.js';
import { fillCard } from '../card.js';
import { RecordingKept } from '../recording_kept.js';
import { count, refusal, t } from '../words.js';

/** Ends that nobody wished: whoever calls again goes before the others. */
const BROKEN = new Set(['customer_gone', 'advisor_gone', 'connect_failed']);
/** Ends in the queue: there was no call to rate. */
const LEFT = new Set(['customer_left', 'customer_lost', 'showroom_closed']);

export class After {
  #form = byId('rating', HTMLFormElement);
  #call = '';

  /**
   * @param {(stars: number, comment: string) => Promise<unknown>} rate
   * @param {{
   *   again: () => void,
   *   back: () => void,
   *   send: (event: string, payload: object) => Promise<unknown>,
   *   openPhoto: (call: import('../wire').CustomerCall, photo: string) => void,
   * }} ways
   */
  constructor(rate, ways) {
    this.ways = ways;
    this.recording = new RecordingKept(ways.send);
    byId('call-again').addEventListener('click', ways.again);
    byId('to-showroom').addEventListener('click', ways.back);
    this.#form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const stars = Number(new FormData(this.#form).get('stars'));
      const comment = byId('comment', HTMLTextAreaElement).value;
      const error = byId('rating-error');
      try {
        await rate(stars, comment);
        show(error, false);
        this.#rated(true);
      } catch (problem) {
        error.textContent = refusal(/** @type {any} */ (problem));
        show(error, true);
      }
    });
  }

  follow(/** @type {import('../wire').CustomerCall} */ call) {
    if (call.call !== this.#call) {
      this.#call = call.call;
      this.#form.reset();
      show(byId('rating-error'), false);
    }
    const reason = call.end_reason ?? 'advisor_ended';
    const broken = BROKEN.has(reason);
    const left = LEFT.has(reason);
    const closed = reason === 'showroom_closed';
    const title = t(`customer.after.${headline(broken, closed, left)}`);
    say(byId('after-title'), title);
    say(byId('after-lead'), t(`customer.after.reason.${reason}`));
    show(byId('call-again'), broken || (left && !closed));
    show(byId('after-book'), closed);
    show(byId('after-check'), broken);
    this.#rated(call.rating !== null);
    show(this.#form, !left && call.rating === null && reason !== 'connect_failed');
    // Nothing was agreed on with nobody.
    show(byId('after-next'), !left && reason !== 'connect_failed');
    this.#seen(call);
    this.#photos(call);
    this.recording.follow(call);
    const over = call.recording?.over;
    // A question that was declined has recorded nothing.
    show(byId('after-unrecorded'), !call.recording?.erasable && (!over || over === 'declined'));
    document.title = title;
  }

  #rated(/** @type {boolean} */ rated) {
    show(byId('rated'), rated);
    if (rated) show(this.#form, false);
  }

  #photos(/** @type {import('../wire').CustomerCall} */ call) {
    const photos = call.log.flatMap(({ photo }) => photo ?? []);
    show(byId('after-photos'), photos.length > 0);
    say(byId('photos-title'), count('photo.seen', photos.length));
    byId('after-photos-list').replaceChildren(
      ...photos.map((photo, index) => {
        const node = copyOf('after-photo-template');
        const button = part(node, 'open', HTMLButtonElement);
        button.setAttribute('aria-label', t('photo.open', { n: index + 1 }));
        button.addEventListener('click', () => this.ways.openPhoto(call, photo.id));
        part(node, 'picture', HTMLImageElement).src = photo.small;
        return node;
      }),
    );
  }

  #seen(/** @type {import('../wire').CustomerCall} */ call) {
    /** @type {Map<string, import('../wire').Card>} */
    const cars = new Map();
    if (call.vehicle && call.live_at) cars.set(call.vehicle.id, call.vehicle);
    for (const { vehicle } of call.log) if (vehicle) cars.set(vehicle.id, vehicle);
    show(byId('seen'), cars.size > 0);
    const last = Array.from(cars.keys()).at(-1);
    const store = document.getElementById('after-store');
    if (store instanceof HTMLAnchorElement) {
      store.search = last ? new URLSearchParams({ vehicle: last }).toString() : '';
    }
    byId('seen-list').replaceChildren(
      ...Array.from(cars.values(), (car) => {
        const node = copyOf('seen-template');
        fillCard(node, car);
        return node;
      }),
    );
  }
}

function headline(
  /** @type {boolean} */ broken,
  /** @type {boolean} */ closed,
  /** @type {boolean} */ left,
) {
  if (broken) return 'broken';
  if (closed) return 'closed';
  return left ? 'left' : 'thanks';
}
