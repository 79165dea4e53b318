// @ts-check
/** After the call: one outcome, a reason, the notes, and on to the next. */
import { byId, say, show } from '../dom.js';
import { clock, refusal, t } from '../words.js';

export class WrapUp {
  #call = '';

  /** @param {(event: string, payload: object) => Promise<unknown>} send */
  constructor(send) {
    const form = byId('wrap-form', HTMLFormElement);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      form.setAttribute('aria-busy', 'true');
      const error = byId('wrap-error');
      try {
        await send('save_outcome', {
          call: this.#call,
          outcome: byId('outcome', HTMLSelectElement).value,
          reason: byId('reason', HTMLInputElement).value,
          notes: byId('wrap-notes', HTMLTextAreaElement).value,
        });
        show(error, false);
      } catch (refused) {
        error.textContent = refusal(/** @type {any} */ (refused));
        show(error, true);
      } finally {
        form.removeAttribute('aria-busy');
      }
    });
  }

  /**
   * @param {import('../wire').AdvisorCall} call
   * @param {string | null} notes as typed in this call, newer than what the server may have
   */
  follow(call, notes) {
    const talked = call.live_at ? clock(call.since - call.live_at) : null;
    const reason = t(`common.end.${call.end_reason ?? 'advisor_ended'}`);
    say(byId('wrap-lead'), talked ? t('advisor.wrap.lead', { reason, talked }) : reason);
    if (call.call === this.#call) return;
    this.#call = call.call;
    byId('wrap-form', HTMLFormElement).reset();
    byId('wrap-notes', HTMLTextAreaElement).value = notes ?? call.notes;
    show(byId('wrap-error'), false);
  }
}
