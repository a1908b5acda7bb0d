import { Refusal } from "../../base/faults.ts";
import { SmtpRefusal } from "../grammar/refusals.ts";
import type { ByteBudget } from "../../protocol/byte-budget.ts";

/** Pieces below this are copied together, bytes: a view costs about a hundred by itself. */
const smallBytes = 1024;
/** What they are copied into: a short message needs little, and a long one few of them. */
const firstBlockBytes = 4 * 1024;
const blockBytes = 64 * 1024;

/**
 * A message on its way in, as the pieces that came; small ones are joined, so that what it costs
 * is what the budget counts, however it is cut (each line with a dot is a piece). Once something forbids it, what was kept is let
 * go at once and the rest is only counted: its end must still be found.
 */
export class MessageBuffer implements Disposable {
  readonly #budget: ByteBudget;
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #block: Buffer | undefined;
  #blockUsed = 0;
  #keptBytes = 0;
  #seenBytes = 0;
  #refusal: Refusal | undefined;

  constructor(budget: ByteBudget, bytesMax: number) {
    this.#budget = budget;
    this.#bytesMax = bytesMax;
  }

  /** Bytes of the message so far, kept or not. */
  get seenBytes(): number {
    return this.#seenBytes;
  }

  /** Why the message cannot be taken. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  get parts(): readonly Uint8Array[] {
    this.#sealBlock();
    return this.#parts;
  }

  add(part: Uint8Array): void {
    this.#seenBytes += part.length;
    if (this.#refusal !== undefined) return;
    if (this.#seenBytes > this.#bytesMax) this.refuse(tooLarge(this.#bytesMax));
    else if (!this.#budget.tryTake(part.length)) {
      this.refuse(
        new SmtpRefusal("unavailable", 452, "4.3.1", "Too much mail at once; try later."),
      );
    } else {
      this.#keptBytes += part.length;
      this.#keep(part);
    }
  }

  #keep(part: Uint8Array): void {
    if (part.length >= smallBytes) {
      this.#sealBlock();
      this.#parts.push(part);
      return;
    }
    if (this.#block === undefined || this.#blockUsed + part.length > this.#block.length) {
      const isFirst = this.#parts.length === 0 && this.#block === undefined;
      this.#sealBlock();
      this.#block = Buffer.allocUnsafeSlow(isFirst ? firstBlockBytes : blockBytes);
    }
    this.#block.set(part, this.#blockUsed);
    this.#blockUsed += part.length;
  }

  /** What is in the block becomes a part; its rest is used no further. */
  #sealBlock(): void {
    if (this.#block !== undefined) this.#parts.push(this.#block.subarray(0, this.#blockUsed));
    this.#block = undefined;
    this.#blockUsed = 0;
  }

  /** Counts bytes that were taken off the wire and not kept. */
  count(bytes: number): void {
    this.#seenBytes += bytes;
  }

  refuse(refusal: Refusal): void {
    this.#refusal ??= refusal;
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#budget.giveBack(this.#keptBytes);
    this.#keptBytes = 0;
    this.#parts = [];
    this.#block = undefined;
    this.#blockUsed = 0;
  }
}

/** RFC 1870 §6.2 and §6.3. */
export function tooLarge(bytesMax: number): Refusal {
  return new Refusal("messageTooLarge", `A message may have ${bytesMax} bytes here.`);
}

/** RFC 5321 §2.3.8: CR and LF only together. */
export function bareLineEnd(): SmtpRefusal {
  return new SmtpRefusal(
    "rejectedContent",
    550,
    "5.6.0",
    "The message has a bare CR or LF; lines must end with CRLF.",
  );
}
