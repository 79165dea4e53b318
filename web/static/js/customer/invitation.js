// @ts-check
/**
 * The customer's link for others: made when it is first wanted, shared, copied, ended. The server
 * keeps no link, only what proves one: a page that was loaded anew can end it, and make another.
 */
import { byId, say, show } from '../dom.js';
import { refusal, t } from '../words.js';

export class Invitation {
  #link = '';
  #call = '';
  /** A link lets people in; perhaps none that this page knows. */
  #open = false;
  /** @type {Promise<string> | null} one that is being made: another would end it */
  #making = null;
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
    const same = call.call === this.#call && call.invited_until !== null;
    this.#call = call.call;
    this.#set(same ? this.#link : '', call.invited_until !== null);
  }

  async #share() {
    const link = this.#link || (await (this.#making ??= this.#make()));
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
      this.#set(new URL(path, location.href).href, true);
    } catch (error) {
      this.#say(refusal(/** @type {any} */ (error)));
    } finally {
      this.#making = null;
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
      this.#set('', false);
      this.#say(t('company.invite.revoked'));
    } catch (error) {
      this.#say(refusal(/** @type {any} */ (error)));
    }
  }

  /** @param {string} link as far as this page knows it @param {boolean} open one lets people in */
  #set(link, open) {
    if (link === this.#link && open === this.#open) return;
    this.#open = open;
    this.#link = this.#field.value = link;
    for (const id of ['invite-field', 'copy-link']) show(byId(id), link !== '');
    show(byId('revoke-link'), open);
    say(byId('invite-text'), t(`company.invite.${open && !link ? 'again' : 'text'}`));
  }

  #say(/** @type {string} */ text) {
    say(byId('company-said'), text);
  }
}
