// @ts-check
/**
 * The chat of a call. What was typed shows at once, as pending; it counts once the server's log
 * has it. A line that got no answer goes out again after the next connect, under the same id.
 */
import { byId, copyOf, part, say, show } from './dom.js';
import { newId } from './ids.js';
import { refusal, t } from './words.js';

export class Chat {
  #log = byId('chat-log');
  #input = byId('chat-text', HTMLInputElement);
  #toggle = byId('chat-toggle');
  #name = this.#toggle.getAttribute('aria-label') ?? '';
  /** @type {Map<string, {text: string, node: HTMLElement}>} lines on their way */
  #pending = new Map();
  /** @type {Set<number>} what the log shows, by sequence number */
  #shown = new Set();
  #call = '';

  /**
   * @param {import('./signalling.js').Signalling} signalling
   * @param {import('./wire').Side} side who types here
   * @param {HTMLElement} panel what the chat button opens
   * @param {(photo: string) => void} openPhoto
   */
  constructor(signalling, side, panel, openPhoto) {
    this.openPhoto = openPhoto;
    this.signalling = signalling;
    this.side = side;
    this.panel = panel;
    byId('chat-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.write(this.#input.value);
      this.#input.value = '';
    });
    this.#toggle.addEventListener('click', () => this.open(!this.isOpen));
    const wide = matchMedia('(min-width: 60rem)');
    this.open(wide.matches);
    // Turned or resized, an empty chat makes room for the picture; one in use stays as it is, and
    // so does the advisor's panel, which holds more than the chat.
    wide.addEventListener('change', () => {
      const unused = !this.#log.childElementCount && !this.#input.value;
      if (side === 'customer' && unused) this.#show(wide.matches);
    });
    signalling.on('logged', ({ entry }) => this.add(entry));
    signalling.on('connected', () => this.#pending.forEach((_, id) => this.#send(id)));
  }

  /** Whether a line came that nobody can have seen. */
  get unread() {
    return this.#toggle.dataset.unread === 'true';
  }

  get isOpen() {
    return this.panel.dataset.open === 'true';
  }

  open(/** @type {boolean} */ open) {
    this.#show(open);
    if (open && this.#call) this.#input.focus({ preventScroll: true });
  }

  #show(/** @type {boolean} */ open) {
    this.panel.dataset.open = String(open);
    this.#toggle.setAttribute('aria-expanded', String(open));
    if (this.#isSeen) this.#setUnread(false);
  }

  /** The log is on the screen: not behind another tab of an open panel. */
  get #isSeen() {
    return this.#log.offsetParent !== null;
  }

  #setUnread(/** @type {boolean} */ unread) {
    this.#toggle.dataset.unread = String(unread);
    const name = unread ? t('call.chat.unread', { name: this.#name }) : this.#name;
    this.#toggle.setAttribute('aria-label', name);
  }

  /** Show the whole log of a call; another call starts with an empty one. */
  follow(/** @type {import('./wire').Call} */ call) {
    if (call.call !== this.#call) {
      this.#call = call.call;
      this.#shown.clear();
      this.#pending.clear();
      this.#log.replaceChildren();
      this.#input.value = '';
      this.#setUnread(false);
    }
    for (const entry of call.log) this.add(entry);
  }

  /** Send a line: typed, or one of the canned ones. */
  write(/** @type {string} */ line) {
    const text = line.trim().slice(0, 500);
    if (!text) return;
    const id = newId();
    const node = this.#append(this.side, text);
    node.dataset.pending = 'true';
    this.#pending.set(id, { text, node });
    this.#send(id);
  }

  add(/** @type {import('./wire').LogEntry} */ entry) {
    if (this.#shown.has(entry.seq)) return;
    if (entry.photo) this.#appendPhoto(entry, entry.photo);
    if (entry.kind !== 'chat') return;
    this.#shown.add(entry.seq);
    const mine = this.#pending.get(entry.id);
    if (mine) {
      this.#pending.delete(entry.id);
      mine.node.dataset.pending = 'false';
      return;
    }
    this.#append(entry.by, entry.text, entry.name);
    if (!this.#isSeen) this.#setUnread(true);
  }

  async #send(/** @type {string} */ id) {
    const line = this.#pending.get(id);
    if (!line) return;
    try {
      await this.signalling.send('chat', { id, text: line.text });
      line.node.dataset.pending = 'false';
    } catch (error) {
      const { code } = /** @type {import('./signalling.js').Refused} */ (error);
      if (code === 'no_answer') return;
      this.#pending.delete(id);
      line.node.dataset.refused = refusal({ code });
    }
  }

  /** @param {import('./wire').LogEntry} entry @param {import('./wire').PhotoCard} photo */
  #appendPhoto(entry, photo) {
    this.#shown.add(entry.seq);
    const node = copyOf('chat-photo-template');
    node.dataset.mine = String(entry.by === this.side);
    const number = this.#log.querySelectorAll('[data-part="open"]').length + 1;
    const button = part(node, 'open', HTMLButtonElement);
    button.setAttribute('aria-label', t('photo.open', { n: number }));
    button.addEventListener('click', () => this.openPhoto(photo.id));
    part(node, 'picture', HTMLImageElement).src = photo.small;
    this.#log.append(node);
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** @param {import('./wire').Side} by @param {string} text @param {string} [name] a companion's */
  #append(by, text, name = '') {
    const node = copyOf('chat-template');
    // Several companions write as one side; only a line just typed here has no name.
    node.dataset.mine = String(by === this.side && !name);
    const who = part(node, 'name');
    say(who, name);
    show(who, name !== '');
    part(node, 'text').textContent = text;
    this.#log.append(node);
    this.#log.scrollTop = this.#log.scrollHeight;
    return node;
  }
}
