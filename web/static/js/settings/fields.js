// @ts-check
/** From what stands in a field to what a settings file has, and back; by the kind of the field. */
import { part } from '../dom.js';
import { spansOf, spansText } from './spans.js';

/** What a field holds that can't be read: it has a problem. */
export const WRONG = Symbol('wrong');

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

const MOMENT = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}$/;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;
const LANGUAGE = /^[a-z]{2}$/;

/** The value of a field as a settings file has it, or `WRONG`. @returns {any} */
export function read(/** @type {Field} */ field, /** @type {string} */ kind) {
  if (!field.validity.valid) return WRONG;
  const text = field.value.trim();
  switch (kind) {
    case 'switch':
      return /** @type {HTMLInputElement} */ (field).checked;
    case 'number':
      return Number(text);
    case 'amount':
      return text === '' ? '' : Number(text);
    case 'spans':
      return spansOf(text) ?? WRONG;
    case 'languages':
      return all(text.toLowerCase().split(/[\s,;]+/).filter(Boolean), LANGUAGE, 1);
    case 'lines':
      return rowsOf(text);
    case 'addresses':
      return all(rowsOf(text), ADDRESS, 0);
    case 'moments':
      return all(rowsOf(text).map((one) => one.replace('T', ' ')), MOMENT, 0);
    case 'duration':
      return `${Number(text)} ${unitOf(field).value}`;
    default:
      // A text stands on one line, however it was pasted.
      return field.required && !text ? WRONG : text.replace(/\s+/g, ' ');
  }
}

/** Put a value into a field. @param {Field} field @param {string} kind @param {any} value */
export function write(field, kind, value) {
  switch (kind) {
    case 'switch':
      /** @type {HTMLInputElement} */ (field).checked = Boolean(value);
      break;
    case 'spans':
      field.value = spansText(value ?? []);
      break;
    case 'languages':
      field.value = (value ?? []).join(', ');
      break;
    case 'lines':
    case 'addresses':
    case 'moments':
      field.value = (value ?? []).join('\n');
      break;
    case 'duration': {
      const [count = '0', unit = 'min'] = String(value ?? '0 min').split(' ');
      field.value = count;
      unitOf(field).value = unit.startsWith('day') ? 'days' : unit;
      break;
    }
    default:
      field.value = String(value ?? '');
  }
}

function unitOf(/** @type {Field} */ field) {
  return part(/** @type {HTMLElement} */ (field.parentElement), 'unit', HTMLSelectElement);
}

function rowsOf(/** @type {string} */ text) {
  return text.split('\n').map((line) => line.trim()).filter(Boolean);
}

/** @param {string[]} found @param {RegExp} pattern @param {number} least */
function all(found, pattern, least) {
  return found.length >= least && found.every((one) => pattern.test(one)) ? found : WRONG;
}
