import { assert } from "../../base/assert.ts";

/** Bytes that all sessions together may hold of something; whoever gets none is refused. */
export class ByteBudget {
  readonly #max: number;
  #used = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get usedBytes(): number {
    return this.#used;
  }

  take(bytes: number): boolean {
    if (this.#used + bytes > this.#max) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
    assert(this.#used >= 0, "more bytes given back than taken");
  }
}
