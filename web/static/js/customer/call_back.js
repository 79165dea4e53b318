// @ts-check
/** The call-back forms: on the landing page, and beside the queue. */
import { part, post, show } from '../dom.js';
import { refusal, t } from '../words.js';

/**
 * @param {{showroom: string, language: string, consent: {text: string}}} config
 * @param {() => string | null} chosen the vehicle that the visitor looks at
 */
export function setUpCallBacks(config, chosen) {
  for (const form of document.querySelectorAll('form[data-call-back]')) {
    setUp(/** @type {HTMLFormElement} */ (form), config, chosen);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {{showroom: string, language: string, consent: {text: string}}} config
 * @param {() => string | null} chosen
 */
function setUp(form, config, chosen) {
  const error = part(form, 'error');
  const done = part(form, 'done');
  if (config.consent?.text) part(form, 'consent').textContent = config.consent.text;

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.getAttribute('aria-busy') === 'true') return; // the second tap of an impatient thumb
    const fields = new FormData(form);
    const name = String(fields.get('name') ?? '').trim();
    const phone = String(fields.get('phone') ?? '').trim();
    const problem = missing(form, name, phone, fields.has('consent'));
    show(error, Boolean(problem));
    if (problem) {
      error.textContent = problem;
      return;
    }
    form.setAttribute('aria-busy', 'true');
    const answer = await post(`/s/${config.showroom}/call-backs`, {
      name,
      phone,
      consent: true,
      language: config.language,
      vehicle: chosen(),
    });
    form.removeAttribute('aria-busy');
    show(error, !answer.ok);
    if (answer.ok) finish(form, done, name);
    else
      error.textContent =
        answer.code === 'bad_request' ? t('customer.call_back.bad') : refusal(answer);
  });
}

/**
 * What is missing, in words, with the cursor put there; empty if all is there.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} phone
 * @param {boolean} consent
 */
function missing(form, name, phone, consent) {
  const field = !name
    ? 'name'
    : !/\d{4}/.test(phone.replace(/\D/g, ''))
      ? 'phone'
      : !consent
        ? 'consent'
        : '';
  for (const one of ['name', 'phone', 'consent']) {
    const input = /** @type {HTMLInputElement} */ (form.elements.namedItem(one));
    input.setAttribute('aria-invalid', String(one === field));
    if (one === field) input.focus();
  }
  return field && t(`customer.call_back.missing_${field}`);
}

/** @param {HTMLFormElement} form @param {HTMLElement} done @param {string} name */
function finish(form, done, name) {
  form.reset();
  form.classList.add('call-back--done');
  done.textContent = t('customer.call_back.done', { name });
  show(done, true);
}
