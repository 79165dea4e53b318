// @ts-check
/** The few things that every page does with its document. */

/**
 * The element with this id; a page that lacks it is broken, and says so at once.
 *
 * @template {Element} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [type]
 * @returns {T}
 */
export function byId(id, type) {
  const node = document.getElementById(id);
  if (!(node instanceof (type ?? HTMLElement))) throw new Error(`The page has no #${id}.`);
  return /** @type {any} */ (node);
}

/**
 * The part of a block that is marked `data-part="name"`.
 *
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} name
 * @param {new () => T} [type]
 * @returns {T}
 */
export function part(root, name, type) {
  const node = root.querySelector(`[data-part="${name}"]`);
  if (!(node instanceof (type ?? HTMLElement))) throw new Error(`There is no part ${name}.`);
  return /** @type {any} */ (node);
}

/** A term and what it says, whichever way that is written. @param {string} name @param {string} value */
export function fact(name, value) {
  const row = document.createElement('div');
  const term = document.createElement('dt');
  const text = document.createElement('dd');
  const own = document.createElement('bdi');
  term.textContent = name;
  own.textContent = value;
  text.append(own);
  row.append(term, text);
  return row;
}

/** 1 where the page's lines run to the right, -1 where they run to the left. */
export function forward() {
  return document.documentElement.dir === 'rtl' ? -1 : 1;
}

/** A fresh copy of the only element in a `<template>`. */
export function copyOf(/** @type {string} */ id) {
  const first = byId(id, HTMLTemplateElement).content.firstElementChild;
  return /** @type {HTMLElement} */ (first?.cloneNode(true));
}

/** @param {HTMLElement} node @param {boolean} visible */
export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

/** Set a text only when it changes, so that a live region doesn't repeat itself. */
export function say(/** @type {HTMLElement} */ node, /** @type {string} */ text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Say what is wrong with a form's fields below each of them, and nothing of the others.
 *
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} problems by the field's name; those without a place are left out
 */
export function sayProblems(form, problems) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('[data-problem]'))) {
    const name = place.dataset.problem ?? '';
    say(place, problems[name] ?? '');
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLElement) field.setAttribute('aria-invalid', String(name in problems));
  }
}

/** The JSON of a `<script type="application/json">` block. @returns {any} */
export function dataBlock(/** @type {string} */ id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? '{}');
}

/**
 * Show one row for each item, in this order. A row stays for as long as its item does, and so does
 * the keyboard's place in it.
 *
 * @template {{id: string}} Item
 * @param {HTMLElement} list
 * @param {Item[]} items
 * @param {string} template of a row
 * @param {(row: HTMLElement, item: Item) => void} fill with what the item is by now
 */
export function showRows(list, items, template, fill) {
  const wanted = new Set(items.map((item) => item.id));
  /** @type {Map<string | undefined, HTMLElement>} */
  const rows = new Map();
  for (const row of /** @type {HTMLElement[]} */ ([...list.children])) {
    if (wanted.has(row.dataset.id ?? '')) rows.set(row.dataset.id, row);
    else row.remove();
  }
  items.forEach((item, index) => {
    const row = rows.get(item.id) ?? copyOf(template);
    row.dataset.id = item.id;
    fill(row, item);
    const there = list.children[index] ?? null;
    if (there !== row) list.insertBefore(row, there);
  });
}

/** Set up a toggle button: what it does next is its name, what is true is its state. */
export function toggle(/** @type {HTMLElement} */ button, /** @type {boolean} */ on, name = '') {
  button.dataset.on = String(on);
  if (!name || button.getAttribute('aria-label') === name) return;
  button.setAttribute('aria-label', name);
  button.title = name;
}

/** @param {string} path as the catalogue names a picture, under the static files */
export function pictureUrl(path) {
  return /^(\/|https?:|data:)/.test(path) ? path : `/static/${path}`;
}

/**
 * Fetch JSON from our own server.
 *
 * @param {string} url
 * @returns {Promise<any>} the answer, or `{ok: false, code, message}`; never throws
 */
export async function get(url) {
  return await answerOf(fetch(url, { headers: { Accept: 'application/json' } }));
}

/**
 * Post JSON with the page's token, and return the answer's JSON.
 *
 * @param {string} url
 * @param {object} payload
 * @param {boolean} [keepalive] it arrives even if the page goes meanwhile (Fetch: at most 64 KiB)
 * @returns {Promise<any>} `{ok: true, …}` or `{ok: false, code, message}`; never throws
 */
export async function post(url, payload, keepalive = false) {
  return await answerOf(
    fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrfToken() },
      body: JSON.stringify(payload),
      keepalive,
    }),
  );
}

/**
 * Post a picture with the page's token.
 *
 * @param {string} url
 * @param {Blob} picture
 * @returns {Promise<any>} as of `post`
 */
export async function postPicture(url, picture) {
  return await answerOf(
    fetch(url, {
      method: 'POST',
      headers: {
        Accept: 'application/json',
        'Content-Type': picture.type,
        'X-CSRF-Token': csrfToken(),
      },
      body: picture,
    }),
  );
}

/** What the server wants to see with a change, so that no other site's page can make one. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute('content') ?? '';
}

async function answerOf(/** @type {Promise<Response>} */ asked) {
  try {
    return await (await asked).json();
  } catch {
    return { ok: false, code: 'no_answer', message: '' };
  }
}
