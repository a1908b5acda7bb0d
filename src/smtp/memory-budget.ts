import { assert } from "../base/assert.ts";

/** Bytes of messages that all sessions together may hold while they arrive. */
export class MemoryBudget {
  readonly bytesMax: number;
  #usedBytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Whether there was room; if so it is taken. */
  tryTake(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.bytesMax) return false;
    this.#usedBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
    assert(this.#usedBytes >= 0, "more memory given back than taken");
  }
}
