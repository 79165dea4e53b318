// @ts-check
/** The page of a showroom's staff: invite, change, shut out at once, and let in again. */
import { byId, copyOf, dataBlock, part, post, say, sayProblems, show, showRows } from './dom.js';
import { languageName, moment, refusal, t } from './words.js';

/**
 * @typedef {{id: string, name: string, email: string, state: 'invited' | 'active' | 'disabled',
 *   roles: string[], elsewhere: {showroom: string, roles: string[]}[], languages: string[],
 *   robot: boolean, signed_in_at: number | null, invited_until: number | null,
 *   second_factor: boolean, me: boolean, changes: boolean, whole: boolean,
 *   resets: boolean}} Member
 */

/** @type {{showroom: string, zone: string, languages: string[], members: Member[]}} */
const config = dataBlock('config');
const form = byId('new', HTMLFormElement);
const newError = byId('new-error');
const changing = byId('change', HTMLDialogElement);
const changeForm = byId('change-form', HTMLFormElement);
const sure = byId('sure', HTMLDialogElement);
const query = new URLSearchParams({ showroom: config.showroom });
/** @type {Member | null} whom the open dialog is about */
let chosen = null;
let asked = '';

const rolesOf = (/** @type {string[]} */ roles) => roles.map((role) => t(`staff.role.${role}`)).join(', ');

function list(/** @type {Member[]} */ members) {
  say(byId('count'), String(members.length));
  showRows(byId('list'), members, 'member-template', fill);
}

function fill(/** @type {HTMLElement} */ row, /** @type {Member} */ member) {
  row.classList.toggle('member--disabled', member.state === 'disabled');
  say(part(row, 'name'), member.me ? t('staff.me', { name: member.name }) : member.name);
  say(part(row, 'email'), member.robot ? t('staff.robot', { email: member.email }) : member.email);
  say(part(row, 'roles'), rolesOf(member.roles));
  const elsewhere = member.elsewhere.map((one) =>
    t('staff.elsewhere', { showroom: one.showroom, roles: rolesOf(one.roles) }),
  );
  say(part(row, 'elsewhere'), elsewhere.join(' · '));
  say(part(row, 'languages'), member.languages.map(languageName).join(', '));
  say(part(row, 'state'), t(`staff.state.${member.state}`));
  say(part(row, 'when'), when(member));
  say(part(row, 'factor'), member.second_factor ? t('staff.factor.on') : '');
  part(row, 'acts').replaceChildren(...acts(member));
}

function when(/** @type {Member} */ member) {
  const at = (/** @type {number} */ ms) => moment(ms, config.zone);
  if (member.state === 'invited') {
    const until = member.invited_until ?? 0;
    return until > Date.now() ? t('staff.until', { when: at(until) }) : t('staff.over');
  }
  return member.signed_in_at === null ? t('staff.never') : t('staff.seen', { when: at(member.signed_in_at) });
}

/** What may be done about somebody: a button each. */
function acts(/** @type {Member} */ member) {
  const buttons = [];
  if (member.changes) buttons.push(button(member, 'change', () => openChange(member)));
  if (member.whole && member.state === 'invited') {
    buttons.push(button(member, 'invite-again', () => act(member, 'invite-again')));
    buttons.push(button(member, 'take-back', () => ask(member, 'take-back')));
  }
  if (member.whole && member.state === 'active' && !member.me) {
    buttons.push(button(member, 'disable', () => ask(member, 'disable')));
  }
  if (member.whole && member.state === 'disabled') {
    buttons.push(button(member, 'enable', () => act(member, 'enable')));
  }
  if (member.resets) buttons.push(button(member, 'reset-factor', () => ask(member, 'reset-factor')));
  return buttons;
}

function button(/** @type {Member} */ member, /** @type {string} */ kind, /** @type {() => void} */ press) {
  const made = copyOf('act-template');
  say(made, t(`staff.act.${kind}`));
  made.setAttribute('aria-label', t(`staff.act.${kind}.one`, { name: member.name }));
  made.addEventListener('click', press);
  return made;
}

/** Send a change, show what became of it, and say whether it worked. */
async function send(/** @type {string} */ path, /** @type {object} */ payload, place = byId('error')) {
  const answer = await post(`/manager/staff${path}?${query}`, payload);
  say(place, answer.ok ? '' : refusal(answer));
  show(place, !answer.ok);
  say(byId('done'), '');
  if (answer.ok) list(answer.members);
  return answer;
}

async function act(/** @type {Member} */ member, /** @type {string} */ kind) {
  const answer = await send(`/${member.id}/${kind}`, {});
  if (answer.ok) say(byId('done'), t(`staff.done.${kind}`, { name: member.name }));
}

function ask(/** @type {Member} */ member, /** @type {string} */ kind) {
  chosen = member;
  asked = kind;
  say(byId('sure-title'), t(`staff.act.${kind}.one`, { name: member.name }));
  say(byId('sure-text'), t(`staff.sure.${kind}`));
  say(byId('sure-yes'), t(`staff.act.${kind}`));
  sure.returnValue = '';
  sure.showModal();
}

sure.addEventListener('close', async () => {
  if (sure.returnValue === 'yes' && chosen) await act(chosen, asked);
});

/** Offer the showroom's languages, and those that somebody speaks besides. */
function offerLanguages(/** @type {string} */ place, /** @type {string[]} */ spoken) {
  const codes = [...new Set([...config.languages, ...spoken])];
  byId(place).replaceChildren(
    ...codes.map((code) => {
      const row = copyOf('language-template');
      const box = part(row, 'box', HTMLInputElement);
      box.id = `${place}-${code}`;
      box.value = code;
      box.checked = spoken.includes(code);
      const label = part(row, 'label', HTMLLabelElement);
      label.htmlFor = box.id;
      say(label, languageName(code));
      return row;
    }),
  );
}

function openChange(/** @type {Member} */ member) {
  chosen = member;
  say(byId('change-title'), t('staff.act.change.one', { name: member.name }));
  for (const box of boxes(changeForm, 'roles')) box.checked = member.roles.includes(box.value);
  offerLanguages('change-languages', member.languages);
  show(byId('change-spoken'), member.whole);
  changing.returnValue = '';
  changing.showModal();
}

/** @returns {HTMLInputElement[]} */
function boxes(/** @type {HTMLFormElement} */ where, /** @type {string} */ name) {
  return [...where.querySelectorAll('input')].filter((box) => box.name === name);
}

const ticked = (/** @type {HTMLFormElement} */ where, /** @type {string} */ name) =>
  boxes(where, name).flatMap((box) => (box.checked ? [box.value] : []));

changing.addEventListener('close', async () => {
  if (changing.returnValue !== 'save' || !chosen) return;
  const { name, id, whole } = chosen;
  const languages = whole ? { languages: ticked(changeForm, 'languages') } : {};
  const answer = await send(`/${id}/roles`, { roles: ticked(changeForm, 'roles'), ...languages });
  if (answer.ok) say(byId('done'), t('staff.done.change', { name }));
});

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const name = String(given.get('name')).trim();
  const email = String(given.get('email')).trim();
  const roles = ticked(form, 'roles');
  const problems = {
    ...(!name && { name: t('staff.name.missing') }),
    ...(!byId('email', HTMLInputElement).validity.valid && { email: t('staff.email.wrong') }),
    ...(!roles.length && { roles: t('staff.roles.missing') }),
  };
  sayProblems(form, problems);
  if (Object.keys(problems).length) {
    byId(name ? (problems.email ? 'email' : 'new-advisor') : 'name').focus();
    return;
  }
  const payload = { name, email, roles, languages: ticked(form, 'languages') };
  const answer = await send('', payload, newError);
  if (answer.code === 'conflict') say(newError, t('staff.there', { email }));
  if (!answer.ok) return;
  form.reset();
  say(byId('done'), t(answer.written ? 'staff.done.invited' : 'staff.done.joined', { email }));
  byId('done').scrollIntoView({ block: 'center' });
});

offerLanguages('new-languages', []);
list(config.members);
