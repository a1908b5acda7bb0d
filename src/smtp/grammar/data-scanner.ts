import { asBuffer, CR, LF } from "../../base/bytes.ts";
import { hasBareLineEnd } from "./line-ends.ts";

const DOT = 0x2e;
const dotAfterLine = Buffer.from("\r\n.", "latin1");

/** What one piece of input gave. */
export interface DataStep {
  /** Message bytes: views of the piece, dots taken off. Nothing once `isClean` is false. */
  readonly parts: readonly Uint8Array[];
  /** Index behind the end-of-data mark in the piece, or -1 while it has not come. */
  readonly end: number;
}

/** Where the scanner stands between two bytes. */
type Place = "lineStart" | "text" | "cr" | "dot" | "dotCr";

/**
 * Finds the end of mail data and takes off the dots of RFC 5321 §4.5.2, piece by piece, whatever
 * way the bytes are cut. Only CRLF "." CRLF ends data. A CR or LF that is not part of a CRLF never
 * ends a line, so two servers can never disagree about where a message ends; it makes the
 * message unclean, and the caller refuses it after its true end (RFC 5321 §2.3.8).
 */
export class DataScanner {
  #place: Place = "lineStart";
  #isClean = true;
  #hasEnded = false;

  /** False once a bare CR or LF was seen. */
  get isClean(): boolean {
    return this.#isClean;
  }

  push(piece: Uint8Array): DataStep {
    if (this.#hasEnded) throw new Error("data after its end");
    const parts: Uint8Array[] = [];
    let keptFrom = 0;
    let at = 0;
    const keepTo = (to: number) => {
      if (to > keptFrom && this.#isClean) parts.push(piece.subarray(keptFrom, to));
    };
    while (at < piece.length) {
      if (this.#place === "text" || (this.#place === "lineStart" && piece[at] !== DOT)) {
        at = this.#skipText(piece, at);
        continue;
      }
      const byte = piece[at];
      if (this.#place === "lineStart") {
        keepTo(at);
        keptFrom = at + 1;
        this.#place = "dot";
      } else if (this.#place === "dot" && byte === CR) {
        keptFrom = at + 1;
        this.#place = "dotCr";
      } else if (this.#place === "dotCr" && byte === LF) {
        this.#hasEnded = true;
        return { parts, end: at + 1 };
      } else this.#place = this.#afterSpecial(byte);
      at++;
    }
    keepTo(piece.length);
    return { parts, end: -1 };
  }

  /** The place after a byte that follows CR, a line's first dot, or that dot and CR. */
  #afterSpecial(byte: number | undefined): Place {
    if (this.#place === "cr" && byte === LF) return "lineStart";
    if (this.#place !== "dot" || byte === LF) this.#isClean = false;
    return byte === CR ? "cr" : "text";
  }

  /** Goes on to the next line that begins with a dot, or to the end of the piece. */
  #skipText(piece: Uint8Array, from: number): number {
    const found = asBuffer(piece).indexOf(dotAfterLine, from);
    const end = found < 0 ? piece.length : found + 2;
    if (this.#isClean) this.#isClean = !hasBareLineEnd(piece, from, end);
    if (found >= 0) this.#place = "lineStart";
    else if (piece[end - 1] === CR) this.#place = "cr";
    else if (end - from >= 2 && piece[end - 2] === CR && piece[end - 1] === LF) {
      this.#place = "lineStart";
    } else this.#place = "text";
    return end;
  }
}
