// @ts-check
/** Two versions of one sheet become one, and nothing that was just typed is lost. Pure rules. */

/** Say whether two values are the same, whatever their fields' order. @returns {boolean} */
export function same(/** @type {unknown} */ one, /** @type {unknown} */ other) {
  if (one === other) return true;
  if (!one || !other || typeof one !== 'object' || typeof other !== 'object') return false;
  const [a, b] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return a.size === b.size && [...a].every(([name, value]) => same(value, b.get(name)));
}

/**
 * Join what is typed here with what was saved elsewhere meanwhile. A field that only one side
 * changed is that side's. Of one that both changed, what is typed here stays and the other's is told.
 *
 * @template {object} Sheet
 * @param {Sheet} base what both began with
 * @param {Sheet} mine
 * @param {Sheet} theirs
 * @returns {{sheet: Sheet, foreign: Partial<Sheet>}} `foreign`: what the others wrote, and lost
 */
export function merge(base, mine, theirs) {
  const sheet = { ...theirs };
  /** @type {Partial<Sheet>} */
  const foreign = {};
  for (const name of /** @type {(keyof Sheet)[]} */ (Object.keys(mine))) {
    if (same(mine[name], base[name]) || same(mine[name], theirs[name])) continue;
    Object.assign(sheet, { [name]: mine[name] });
    if (!same(theirs[name], base[name])) Object.assign(foreign, { [name]: theirs[name] });
  }
  return { sheet, foreign };
}
