// @ts-check
/** After the call: one outcome, a reason, the notes, and on to the next. */
import { byId, say, show } from '../dom.js';
import { RecordingKept } from '../recording_kept.js';
import { clock, refusal, t } from '../words.js';
import { recall, remember } from './memory.js';
import { Notes } from './notes.js';

export class WrapUp {
  #call = '';
  /** The advisor knows that the lead is not saved. */
  #warned = false;
  #form = byId('wrap-form', HTMLFormElement);
  #outcome = byId('outcome', HTMLSelectElement);
  #reason = byId('reason', HTMLInputElement);
  #field = byId('wrap-notes', HTMLTextAreaElement);
  #notes;

  /**
   * @param {(event: string, payload: object) => Promise<unknown>} send
   * @param {() => Promise<boolean>} settle saves the lead's sheet, which goes on its way with the
   *   outcome; whether nothing is left to save
   */
  constructor(send, settle) {
    this.send = send;
    this.settle = settle;
    this.recording = new RecordingKept(send);
    // Nobody may come to save the form: its time runs out after a quarter of an hour.
    this.#notes = new Notes(
      this.#field,
      (notes) => send('save_notes', { notes }),
      () => {},
    );
    this.#form.addEventListener('input', () => {
      const form = { outcome: this.#outcome.value, reason: this.#reason.value };
      remember(this.#call, { form });
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
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
    this.recording.follow(call);
    if (call.call === this.#call) return;
    this.#call = call.call;
    this.#warned = false;
    const { outcome = '', reason: why = '' } = recall(call.call).form ?? {};
    this.#outcome.value = outcome;
    this.#reason.value = why;
    this.#notes.begin(call.call, notes ?? call.notes);
    this.complain('');
  }

  /** Say what went wrong, or clear it. */
  complain(/** @type {string} */ text) {
    byId('wrap-error').textContent = text;
    show(byId('wrap-error'), Boolean(text));
  }

  /** The form is gone: what is not saved by now would end in the next call. */
  leave() {
    this.#call = '';
    this.#notes.drop();
  }

  async #save() {
    const call = this.#call;
    this.#form.setAttribute('aria-busy', 'true');
    // They go with the outcome.
    this.#notes.drop();
    try {
      const settled = await this.settle();
      if (call !== this.#call) return;
      if (!settled && !this.#warned) {
        // Whatever keeps it from being saved, another tap ends the call all the same.
        this.#warned = true;
        this.#notes.keep();
        this.complain(t('advisor.wrap.unsaved'));
        return;
      }
      await this.send('save_outcome', {
        call,
        outcome: this.#outcome.value,
        reason: this.#reason.value,
        notes: this.#field.value,
      });
      this.complain('');
    } catch (refused) {
      if (call !== this.#call) return;
      this.#notes.keep();
      this.complain(refusal(/** @type {any} */ (refused)));
    } finally {
      this.#form.removeAttribute('aria-busy');
    }
  }
}
