import { ConnectionLost } from "../../../base/faults.ts";

/** RFC 1951 §2: how far back a copy may reach. */
const windowBytes = 32 * 1024;
/** Most bytes that are given at once: what is held, however much a little input stands for. */
const pieceBytes = 16 * 1024;
/** Longest Huffman code. */
const codeBitsMax = 15;

/**
 * Takes DEFLATE apart (RFC 1951) as its bytes arrive, and gives what it stands for in pieces that
 * are asked for, so that a bomb costs no memory and only the time for which it is read. Holds a
 * window of 32 KiB. Written here because the runtime's inflates in other threads, which neither
 * keeps order under a virtual clock nor stops in between.
 */
export class Inflater {
  readonly #input = new BitInput();
  readonly #output = new Window();
  readonly #machine: Generator<void, void>;

  constructor() {
    this.#machine = inflate(this.#input, this.#output);
  }

  /** Gives the next input; only when `next` had nothing more. */
  feed(bytes: Uint8Array): void {
    this.#input.give(bytes);
  }

  /**
   * The next piece; undefined when more input is needed.
   * @throws ConnectionLost for what is not DEFLATE, and at the end of its last block.
   */
  next(): Uint8Array | undefined {
    for (;;) {
      if (this.#output.isFull) return this.#output.take();
      const before = this.#input.isEmpty;
      if (this.#machine.next().done === true) {
        const rest = this.#output.take();
        if (rest !== undefined) return rest;
        throw new ConnectionLost("the compressed stream has ended");
      }
      // It stopped for want of input, or because a piece is full.
      if (!this.#output.isFull && (before || this.#input.isEmpty)) return this.#output.take();
    }
  }
}

/** Bits in the order of RFC 1951 §3.1.1: from the least significant of each byte. */
class BitInput {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #hold = 0;
  count = 0;

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  give(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
  }

  /** Puts a byte more into the bits at hand, if there is one. */
  refill(): boolean {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) return false;
    this.#at++;
    this.#hold |= byte << this.count;
    this.count += 8;
    return true;
  }

  /** At most 16 bits, which must be at hand. */
  take(bits: number): number {
    const value = this.#hold & ((1 << bits) - 1);
    this.#hold >>>= bits;
    this.count -= bits;
    return value;
  }

  /** Drops bits up to the next whole byte. */
  align(): void {
    this.take(this.count & 7);
  }
}

/** What came out last, and what of it has not been given yet. */
class Window {
  readonly #bytes = new Uint8Array(windowBytes);
  #end = 0;
  #given = 0;

  get isFull(): boolean {
    return this.#end - this.#given >= pieceBytes;
  }

  put(byte: number): void {
    this.#bytes[this.#end++ & (windowBytes - 1)] = byte;
  }

  /** The byte so far back; nothing lies before the beginning. */
  back(distance: number): number {
    if (distance > this.#end) throw broken();
    return this.#bytes[(this.#end - distance) & (windowBytes - 1)] ?? 0;
  }

  take(): Uint8Array | undefined {
    if (this.#given === this.#end) return undefined;
    const piece = new Uint8Array(this.#end - this.#given);
    for (let at = 0; at < piece.length; at++) {
      piece[at] = this.#bytes[(this.#given + at) & (windowBytes - 1)] ?? 0;
    }
    this.#given = this.#end;
    return piece;
  }
}

/** Codes by length, and the symbols in the order of their codes (RFC 1951 §3.2.2). */
interface Codes {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

/** Stops (yields) whenever it needs input or the output must be taken. */
function* inflate(input: BitInput, output: Window): Generator<void, void> {
  for (let isLast = false; !isLast;) {
    while (input.count < 3) if (!input.refill()) yield;
    isLast = input.take(1) === 1;
    const kind = input.take(2);
    if (kind === 0) yield* copyStored(input, output);
    else if (kind === 1) yield* decodeBlock(input, output, fixedLengths, fixedDistances);
    else if (kind === 2) {
      const { lengths, distances } = yield* readCodes(input);
      yield* decodeBlock(input, output, lengths, distances);
    } else throw broken();
  }
}

/** RFC 1951 §3.2.4. */
function* copyStored(input: BitInput, output: Window): Generator<void, void> {
  input.align();
  while (input.count < 16) if (!input.refill()) yield;
  const length = input.take(16);
  while (input.count < 16) if (!input.refill()) yield;
  if ((length ^ input.take(16)) !== 0xffff) throw broken();
  for (let left = length; left > 0; left--) {
    while (input.count < 8) if (!input.refill()) yield;
    output.put(input.take(8));
    if (output.isFull) yield;
  }
}

/** RFC 1951 §3.2.3. */
function* decodeBlock(
  input: BitInput,
  output: Window,
  lengths: Codes,
  distances: Codes,
): Generator<void, void> {
  for (;;) {
    const symbol = yield* decode(input, lengths);
    if (symbol === 256) return;
    if (symbol < 256) {
      output.put(symbol);
      if (output.isFull) yield;
      continue;
    }
    const [lengthBase, lengthBits] = lengthCodes[symbol - 257] ?? [0, 0];
    while (input.count < lengthBits) if (!input.refill()) yield;
    const length = lengthBase + input.take(lengthBits);
    const [distanceBase, distanceBits] = distanceCodes[yield* decode(input, distances)] ?? [0, 0];
    if (lengthBase === 0 || distanceBase === 0) throw broken();
    while (input.count < distanceBits) if (!input.refill()) yield;
    const distance = distanceBase + input.take(distanceBits);
    for (let left = length; left > 0; left--) {
      output.put(output.back(distance));
      if (output.isFull) yield;
    }
  }
}

/** One symbol, bit by bit: no more is taken than its code has (RFC 1951 §3.2.2). */
function* decode(input: BitInput, { counts, symbols }: Codes): Generator<void, number> {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let bits = 1; bits <= codeBitsMax; bits++) {
    while (input.count < 1) if (!input.refill()) yield;
    code |= input.take(1);
    const count = counts[bits] ?? 0;
    if (code - count < first) return symbols[index + code - first] ?? 0;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw broken();
}

/** RFC 1951 §3.2.7: the code lengths are themselves coded. */
function* readCodes(
  input: BitInput,
): Generator<void, { readonly lengths: Codes; readonly distances: Codes }> {
  while (input.count < 14) if (!input.refill()) yield;
  const lengthCount = input.take(5) + 257;
  const distanceCount = input.take(5) + 1;
  const orderCount = input.take(4) + 4;
  if (lengthCount > 286 || distanceCount > 30) throw broken();
  const bits = new Uint8Array(19);
  for (let at = 0; at < orderCount; at++) {
    while (input.count < 3) if (!input.refill()) yield;
    bits[lengthOrder[at] ?? 0] = input.take(3);
  }
  const lengthsOfCodes = makeCodes(bits);
  const all = new Uint8Array(lengthCount + distanceCount);
  for (let at = 0; at < all.length;) {
    const symbol = yield* decode(input, lengthsOfCodes);
    if (symbol < 16) {
      all[at++] = symbol;
      continue;
    }
    const [base, extra] = repeats[symbol - 16] ?? [0, 0];
    while (input.count < extra) if (!input.refill()) yield;
    const count = base + input.take(extra);
    if ((symbol === 16 && at === 0) || at + count > all.length) throw broken();
    all.fill(symbol === 16 ? (all[at - 1] ?? 0) : 0, at, at + count);
    at += count;
  }
  if (all[256] === 0) throw broken();
  return {
    lengths: makeCodes(all.subarray(0, lengthCount)),
    distances: makeCodes(all.subarray(lengthCount)),
  };
}

/** @throws when there are more codes than bits can tell apart. */
function makeCodes(bits: Uint8Array): Codes {
  const counts = new Uint16Array(codeBitsMax + 1);
  for (const length of bits) counts[length] = (counts[length] ?? 0) + 1;
  counts[0] = 0;
  let left = 1;
  const offsets = new Uint16Array(codeBitsMax + 2);
  for (let length = 1; length <= codeBitsMax; length++) {
    left = left * 2 - (counts[length] ?? 0);
    if (left < 0) throw broken();
    offsets[length + 1] = (offsets[length] ?? 0) + (counts[length] ?? 0);
  }
  const symbols = new Uint16Array(bits.length);
  for (const [symbol, length] of bits.entries()) {
    if (length === 0) continue;
    const place = offsets[length] ?? 0;
    symbols[place] = symbol;
    offsets[length] = place + 1;
  }
  return { counts, symbols };
}

function broken(): ConnectionLost {
  return new ConnectionLost("the compressed stream is broken");
}

/** RFC 1951 §3.2.7: the order in which the lengths of the length codes are given. */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** Least count and extra bits of the symbols 16, 17 and 18. */
const repeats = [
  [3, 2],
  [3, 3],
  [11, 7],
] as const;
/** RFC 1951 §3.2.5: least value and extra bits of each length and distance symbol. */
const lengthCodes = [...ladder(3, (at) => Math.max(0, (at >> 2) - 1), 28), [258, 0] as const];
const distanceCodes = ladder(1, (at) => Math.max(0, (at >> 1) - 1), 30);

function ladder(
  from: number,
  bitsOf: (at: number) => number,
  count: number,
): (readonly [base: number, bits: number])[] {
  let base = from;
  return Array.from({ length: count }, (_, at) => {
    const bits = bitsOf(at);
    const step = [base, bits] as const;
    base += 1 << bits;
    return step;
  });
}

/** RFC 1951 §3.2.6. */
const fixedLengths = makeCodes(
  Uint8Array.from({ length: 288 }, (_, at) => (at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8)),
);
const fixedDistances = makeCodes(new Uint8Array(30).fill(5));
