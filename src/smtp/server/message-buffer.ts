import { Refusal } from "../../base/faults.ts";
import { SmtpRefusal } from "../grammar/refusals.ts";
import type { ByteBudget } from "../../protocol/byte-budget.ts";

/**
 * A message on its way in, as the pieces that came. Once something forbids it, what was kept is let
 * go at once and the rest is only counted: its end must still be found.
 */
export class MessageBuffer implements Disposable {
  readonly #budget: ByteBudget;
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
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
      this.#parts.push(part);
    }
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
