/** Remembers how to take back writes, so that a batch that fails leaves no trace. */
export class UndoLog {
  #steps: (() => void)[] = [];

  add(step: () => void): void {
    this.#steps.push(step);
  }

  set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
    const before = map.get(key);
    const existed = map.has(key);
    map.set(key, value);
    this.#steps.push(() => {
      if (existed && before !== undefined) map.set(key, before);
      else map.delete(key);
    });
  }

  delete<Key, Value>(map: Map<Key, Value>, key: Key): void {
    const before = map.get(key);
    if (!map.delete(key) || before === undefined) return;
    this.#steps.push(() => map.set(key, before));
  }

  push<Item>(list: Item[], items: readonly Item[]): void {
    const { length } = list;
    for (const item of items) list.push(item);
    this.#steps.push(() => (list.length = length));
  }

  /** Sets a field of a record that is changed in place. */
  assign<Target extends object>(target: Target, fields: Partial<Target>): void {
    const before = { ...target };
    Object.assign(target, fields);
    this.#steps.push(() => Object.assign(target, before));
  }

  /** Keeps what was written. */
  forget(): void {
    this.#steps = [];
  }

  /** Takes back what was written since the last `forget`, newest first. */
  undo(): void {
    for (const step of this.#steps.reverse()) step();
    this.#steps = [];
  }
}
