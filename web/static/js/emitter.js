// @ts-check
/**
 * A typed event source. Unlike `EventTarget` it hands the payload itself on, and the type checker
 * knows which payload belongs to which name.
 *
 * @template {object} Events
 */
export class Emitter {
  /** @type {Map<keyof Events, Set<(payload: any) => void>>} */
  #listeners = new Map();

  /**
   * Call `listener` on each `name` from now on.
   *
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(payload: Events[Name]) => void} listener
   */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return this;
  }

  /**
   * Tell everybody who listens to `name`.
   *
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} payload
   */
  emit(name, payload) {
    for (const listener of this.#listeners.get(name) ?? []) listener(payload);
  }
}
