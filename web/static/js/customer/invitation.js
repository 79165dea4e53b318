// @ts-check
/** The customer's link for others: made when it is first wanted, shared, copied, ended. */
import { byId, say, show } from '../dom.js';
import { refusal, t } from '../words.js';

export class Invitation {
  #link = '';
  #call = '';
  #field = byId('invite-link', HTMLInputElement);

  /** @param {import('../signalling.js').Signalling} signalling */
  constructor(signalling) {
    this.signalling = signalling;
    byId('share-link').addEventListener('click', () => this.#share());
    byId('copy-link').addEventListener('click', () => this.#copy());
    byId('revoke-link').addEventListener('click', () => this.#revoke());
  }

  /** A link of another call, or one that has ended, is none. */
  follow(/** @type {import('../wire').CustomerCall} */ call) {
    if (call.call !== this.#call || call.invited_until === null) this.#set('');
    this.#call = call.call;
  }

  async #share() {
    const link = this.#link || (await this.#make());
    if (!link) return;
    // Phones open their own sheet; where there is none the link is copied.
    if (!navigator.share) return this.#copy();
    try {
      await navigator.share({ title: document.title, text: t('company.invite.message'), url: link });
    } catch {
      // They changed their mind; the link stands there to be copied.
    }
  }

  async #make() {
    try {
      const { path } = await this.signalling.send('invite');
      this.#set(new URL(path, location.href).href);
    } catch (error) {
      this.#say(refusal(/** @type {any} */ (error)));
    }
    return this.#link;
  }

  async #copy() {
    this.#field.select();
    try {
      await navigator.clipboard.writeText(this.#link);
      this.#say(t('company.invite.copied'));
    } catch {
      // Without a secure page there is no clipboard: it is selected, to be copied by hand.
      this.#say(t('company.invite.by_hand'));
    }
  }

  async #revoke() {
    try {
      await this.signalling.send('revoke_invitation');
      this.#set('');
      this.#say(t('company.invite.revoked'));
    } catch (error) {
      this.#say(refusal(/** @type {any} */ (error)));
    }
  }

  #set(/** @type {string} */ link) {
    if (link === this.#link) return;
    this.#link = this.#field.value = link;
    for (const id of ['invite-field', 'copy-link', 'revoke-link']) show(byId(id), link !== '');
  }

  #say(/** @type {string} */ text) {
    say(byId('company-said'), text);
  }
}
