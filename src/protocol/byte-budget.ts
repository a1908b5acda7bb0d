import { assert } from "../base/assert.ts";

/** Bytes that all sessions of all doors may hold of something; whoever gets none is refused. */
export class ByteBudget {
  readonly bytesMax: number;
  #used = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** Whether there was room; if so it is taken, to be given back. */
  tryTake(bytes: number): boolean {
    if (this.#used + bytes > this.bytesMax) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
    assert(this.#used >= 0, "more bytes given back than taken");
  }
}
