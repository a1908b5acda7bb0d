import { assert } from "../../base/assert.ts";
import type { UndoLog } from "../rules/undo-log.ts";

interface Loaded<Value> {
  /** As the database has it; undefined when there is none. */
  readonly before: Value | undefined;
  now: Value | undefined;
}

/**
 * Rows of one table that a commit may read or write: as they were loaded, and as they are to be.
 * What is asked without having been loaded is a bug of whoever said what to load, never an
 * absence.
 */
export class LoadedRows<Key, Value> {
  readonly #rows = new Map<Key, Loaded<Value>>();
  #isComplete: boolean;

  /** Complete: the database has no row but those that are loaded. */
  constructor(isComplete: boolean) {
    this.#isComplete = isComplete;
  }

  /** Takes what the database has, undefined for nothing. What is here already stays. */
  load(key: Key, before: Value | undefined): void {
    if (!this.#rows.has(key)) this.#rows.set(key, { before, now: before });
  }

  completed(): void {
    this.#isComplete = true;
  }

  get(key: Key): Value | undefined {
    const row = this.#rows.get(key);
    assert(row !== undefined || this.#isComplete, "what a batch names was loaded");
    return row?.now;
  }

  *entries(): Iterable<readonly [Key, Value]> {
    assert(this.#isComplete, "all rows were loaded");
    for (const [key, { now }] of this.#rows) if (now !== undefined) yield [key, now];
  }

  /** Undefined removes the row. */
  set(undo: UndoLog, key: Key, value: Value | undefined): void {
    const row = this.#rows.get(key);
    if (row === undefined) {
      this.#rows.set(key, { before: undefined, now: value });
      undo.add(() => this.#rows.delete(key));
      return;
    }
    const { now } = row;
    row.now = value;
    undo.add(() => (row.now = now));
  }

  /** What is not as it was loaded. */
  *changes(): Iterable<RowChange<Key, Value>> {
    for (const [key, { before, now }] of this.#rows) {
      if (before !== now) yield { key, before, now };
    }
  }
}

export interface RowChange<Key, Value> {
  readonly key: Key;
  readonly before: Value | undefined;
  readonly now: Value | undefined;
}
