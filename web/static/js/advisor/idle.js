// @ts-check
/** Between two calls: the switch that says whether calls may ring here, and why they don't. */
import { byId, say, show } from '../dom.js';
import { count, refusal, t } from '../words.js';

export class Idle {
  #switch = byId('available', HTMLButtonElement);
  /** Whether calls may ring here, as the server confirmed it last. */
  available = false;

  /**
   * @param {import('../signalling.js').Signalling} signalling
   * @param {() => void} begins a tap that switches on: the moment to ask for devices
   */
  constructor(signalling, begins) {
    this.signalling = signalling;
    this.#switch.addEventListener('click', () => {
      if (!this.available) begins();
      this.#ask(!this.available);
    });
    signalling.on('disconnected', () => this.#unknown());
  }

  /** Show the state that the server confirmed. */
  follow(/** @type {import('../wire').AdvisorState} */ state) {
    this.available = state.state !== 'away';
    this.#switch.setAttribute('aria-checked', String(this.available));
    this.#switch.disabled = false;
    const why = state.away_reason ?? 'own_choice';
    say(byId('idle-lead'), t(this.available ? 'advisor.available.text' : `advisor.away.${why}`));
    byId('idle-lead').dataset.why = this.available ? '' : why;
    say(
      byId('missed-today'),
      state.missed_today ? count('advisor.missed_today', state.missed_today) : '',
    );
  }

  /** Say what went wrong, or clear it. */
  complain(/** @type {string} */ text) {
    byId('idle-notice').textContent = text;
    show(byId('idle-notice'), Boolean(text));
  }

  async #ask(/** @type {boolean} */ available) {
    this.#switch.setAttribute('aria-busy', 'true');
    this.complain('');
    try {
      await this.signalling.send('set_available', { available });
    } catch (error) {
      this.complain(refusal(/** @type {any} */ (error)));
    } finally {
      this.#switch.removeAttribute('aria-busy');
    }
  }

  #unknown() {
    this.#switch.disabled = true;
    say(byId('idle-lead'), t('common.reconnecting'));
  }
}
