import type { KeyedStore } from "../keyed.ts";
import { numberOf, textOf } from "./rows.ts";
import type { Statements } from "./statements.ts";

interface KeyedRow {
  readonly value: string;
  readonly expiresAtMs: number;
}

/**
 * Small state with an expiry. Changes gather in memory and go with one of the next commits; a
 * crash may lose them, which `KeyedStore` allows.
 */
export class SqlKeyed implements KeyedStore {
  /** Changes that are not in the database yet; undefined is a removal. */
  readonly #changed = new Map<string, KeyedRow | undefined>();
  readonly #sql: Statements;
  readonly #onFirstChange: () => void;

  /** `onFirstChange` is called when there is something to flush again. */
  constructor(sql: Statements, onFirstChange: () => void) {
    this.#sql = sql;
    this.#onFirstChange = onFirstChange;
  }

  async get(key: string, nowMs: number): Promise<string | undefined> {
    return this.#find(key, nowMs)?.value;
  }

  async set(key: string, value: string, expiresAtMs: number): Promise<void> {
    this.#change(key, { value, expiresAtMs });
  }

  async increment(key: string, by: number, nowMs: number, expiresAtMs: number): Promise<number> {
    const found = this.#find(key, nowMs);
    const sum = Number(found?.value ?? 0) + by;
    this.#change(key, { value: String(sum), expiresAtMs: found?.expiresAtMs ?? expiresAtMs });
    return sum;
  }

  async remove(key: string): Promise<void> {
    this.#change(key, undefined);
  }

  /** Writes the changes into the transaction at hand. */
  flush(): void {
    for (const [key, row] of this.#changed) {
      if (row === undefined) this.#sql.removeKeyed.run(key);
      else this.#sql.setKeyed.run(key, row.value, row.expiresAtMs);
    }
  }

  /** The changes given to the last `flush` are committed. Nothing may come between the two. */
  flushed(): void {
    this.#changed.clear();
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }

  #change(key: string, row: KeyedRow | undefined): void {
    const isFirst = this.#changed.size === 0;
    this.#changed.set(key, row);
    if (isFirst) this.#onFirstChange();
  }

  #find(key: string, nowMs: number): KeyedRow | undefined {
    const found = this.#changed.has(key) ? this.#changed.get(key) : this.#read(key);
    return found === undefined || found.expiresAtMs <= nowMs ? undefined : found;
  }

  #read(key: string): KeyedRow | undefined {
    const row = this.#sql.keyed.get(key);
    if (row === undefined) return undefined;
    return { value: textOf(row, "value"), expiresAtMs: numberOf(row, "expires_at_ms") };
  }
}
