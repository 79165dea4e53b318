// @ts-check
/** What is wrong with a lead's fields, said below each of them. */
import { sayProblems } from '../dom.js';
import { t } from '../words.js';

/** @param {HTMLFormElement} form @param {Record<string, string>} problems the server's, by field */
export function complain(form, problems) {
  const said = Object.entries(problems).map(([name, text]) => {
    const known = t(`lead.problem.${name}`);
    return [name, known === `lead.problem.${name}` ? text : known];
  });
  sayProblems(form, Object.fromEntries(said));
  const [first] = Object.keys(problems);
  // `contact` is any way to reach somebody.
  const field = first && form.elements.namedItem(first === 'contact' ? 'phone' : first);
  if (field instanceof HTMLElement) field.focus();
}
