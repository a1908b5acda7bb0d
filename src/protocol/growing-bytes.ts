import { asBuffer } from "../base/bytes.ts";

/** First capacity, bytes; then it doubles. */
const firstBytes = 256;

/**
 * Gathers bytes that come in pieces of any size, at linear cost and without keeping the pieces.
 * Past its limit it keeps nothing and only counts.
 */
export class GrowingBytes {
  readonly #bytesMax: number;
  #buffer: Buffer | undefined;
  #length = 0;
  #seenBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** All bytes that were added, kept or not. */
  get seenBytes(): number {
    return this.#seenBytes;
  }

  get isOverflown(): boolean {
    return this.#seenBytes > this.#bytesMax;
  }

  add(piece: Uint8Array): void {
    this.#seenBytes += piece.length;
    if (this.isOverflown) {
      this.#buffer = undefined;
      return;
    }
    const buffer = this.#room(piece.length);
    asBuffer(piece).copy(buffer, this.#length);
    this.#length += piece.length;
  }

  /** What was kept, which may not be changed or added to any more. */
  take(): Uint8Array {
    return this.#buffer?.subarray(0, this.#length) ?? new Uint8Array(0);
  }

  #room(bytes: number): Buffer {
    const needed = this.#length + bytes;
    if (this.#buffer !== undefined && this.#buffer.length >= needed) return this.#buffer;
    const doubled = Math.min(this.#bytesMax, Math.max(firstBytes, 2 * this.#length));
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, doubled));
    this.#buffer?.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
    return grown;
  }
}
