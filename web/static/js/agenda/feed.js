// @ts-check
/** The private calendar feed: its secret address is made, shown once, copied, and revoked. */
import { byId, post, say, show } from '../dom.js';
import { moment, refusal, t } from '../words.js';

export class FeedSheet {
  #dialog = byId('feed', HTMLDialogElement);
  #url = byId('feed-url', HTMLInputElement);
  /** @type {number | null} */
  #since;

  /** @param {import('./agenda').Config} config */
  constructor(config) {
    this.config = config;
    this.#since = config.feed_since ?? null;
    byId('feed-open').addEventListener('click', () => {
      this.#show('');
      this.#dialog.showModal();
    });
    // Nobody finds the address on a screen that was left open.
    this.#dialog.addEventListener('close', () => this.#show(''));
    byId('feed-create').addEventListener('click', () => this.#change('feed'));
    byId('feed-revoke').addEventListener('click', () => this.#change('feed/revoke'));
    byId('feed-copy').addEventListener('click', () => this.#copy());
  }

  async #change(/** @type {string} */ what) {
    const query = new URLSearchParams({ showroom: this.config.showroom });
    this.#dialog.setAttribute('aria-busy', 'true');
    const answer = await post(`${this.config.base}/${what}?${query}`, {});
    this.#dialog.removeAttribute('aria-busy');
    say(byId('feed-error'), answer.ok ? '' : refusal(answer));
    show(byId('feed-error'), !answer.ok);
    if (!answer.ok) return;
    this.#since = answer.since ?? null;
    this.#show(answer.url ?? '');
    if (answer.url) this.#url.select();
  }

  #show(/** @type {string} */ url) {
    const { zone } = this.config;
    const since = this.#since;
    this.#url.value = url;
    show(byId('feed-new'), Boolean(url));
    const state = since ? t('agenda.feed.since', { when: moment(since, zone) }) : t('agenda.feed.off');
    say(byId('feed-state'), state);
    say(byId('feed-create'), t(since ? 'agenda.feed.renew' : 'agenda.feed.create'));
    show(byId('feed-revoke'), since !== null);
    say(byId('feed-copy'), t('agenda.feed.copy'));
  }

  async #copy() {
    this.#url.select();
    try {
      await navigator.clipboard.writeText(this.#url.value);
      say(byId('feed-copy'), t('agenda.feed.copied'));
    } catch {
      // A browser that refuses has the address selected: its own copy command works.
    }
  }
}
