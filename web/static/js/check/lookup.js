// @ts-check
/** Staff enter the code that a customer says on the phone, and see what the customer sees. */
import { byId, get, say, show } from '../dom.js';
import { moment, refusal, t } from '../words.js';
import { Lines, verdict } from './lines.js';

/**
 * @param {'advisor' | 'manager'} role
 * @param {string} showroom the slug
 */
export function setUpLookup(role, showroom) {
  const form = byId('lookup', HTMLFormElement);
  const field = byId('lookup-code', HTMLInputElement);
  const lines = new Lines(byId('lines'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const code = field.value.replace(/[^0-9A-Za-z]/g, '');
    field.setAttribute('aria-invalid', String(!code));
    if (!code) return field.focus();
    const query = new URLSearchParams({ showroom });
    const answer = await get(`/${role}/checks/${code}?${query}`);
    show(byId('lookup-found'), answer.ok);
    const refused = answer.code === 'not_found' ? t('check.lookup.unknown') : refusal(answer);
    say(
      byId('lookup-line'),
      answer.ok
        ? `${t('check.lookup.at', { at: moment(answer.at) })} ${verdict(answer.check)}`
        : refused,
    );
    if (answer.ok) lines.showAll(answer.check);
  });
}
