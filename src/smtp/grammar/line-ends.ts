import { asBuffer, CR, LF } from "../../base/bytes.ts";

/**
 * Looks for a CR or LF that is not half of a CRLF in `bytes` from `start` to `end`, given that
 * the byte before is no CR. A CR as the last byte is not judged: its LF may be yet to come.
 * Works line by line with the runtime's byte search; stops at the first find, so its cost is
 * linear whatever the bytes.
 */
export function hasBareLineEnd(bytes: Uint8Array, start: number, end: number): boolean {
  const text = asBuffer(bytes);
  let at = start;
  for (;;) {
    const lf = text.indexOf(LF, at);
    const isLfHere = lf >= 0 && lf < end;
    if (isLfHere && (lf === at || text[lf - 1] !== CR)) return true;
    const cr = text.indexOf(CR, at);
    if (cr < 0 || cr >= end - 1) return false;
    if (!isLfHere || cr + 1 !== lf) return true;
    at = lf + 1;
  }
}

/** The same over pieces of a text that come one after the other. */
export class LineEndCheck {
  #isAfterCr = false;
  #isClean = true;

  push(piece: Uint8Array): void {
    if (piece.length === 0 || !this.#isClean) return;
    const isLfAwaited = this.#isAfterCr;
    if (isLfAwaited && piece[0] !== LF) this.#isClean = false;
    else this.#isClean = !hasBareLineEnd(piece, isLfAwaited ? 1 : 0, piece.length);
    this.#isAfterCr = piece[piece.length - 1] === CR;
  }

  /** Whether all line ends were whole, now that nothing more comes. */
  isCleanAtEnd(): boolean {
    return this.#isClean && !this.#isAfterCr;
  }
}
