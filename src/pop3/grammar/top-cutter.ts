import { CR, LF } from "../../base/bytes.ts";

/**
 * Finds where TOP ends (RFC 1939 §7): after the header, the empty line, and so many lines of the
 * body. Takes the message in any pieces.
 */
export class TopCutter {
  #linesLeft: number;
  #isInBody = false;
  /** What the line so far is. */
  #line: "empty" | "cr" | "text" = "empty";

  constructor(lines: number) {
    this.#linesLeft = lines;
  }

  get isDone(): boolean {
    return this.#isInBody && this.#linesLeft === 0;
  }

  /** The part of the piece that belongs to the answer. */
  take(piece: Uint8Array): Uint8Array {
    let at = 0;
    while (at < piece.length && !this.isDone) {
      const end = piece.indexOf(LF, at);
      this.#look(piece, at, end < 0 ? piece.length : end);
      if (end < 0) return piece;
      if (this.#isInBody) this.#linesLeft--;
      else this.#isInBody = this.#line !== "text";
      this.#line = "empty";
      at = end + 1;
    }
    return piece.subarray(0, at);
  }

  #look(piece: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    const isCr = this.#line === "empty" && end === start + 1 && piece[start] === CR;
    this.#line = isCr ? "cr" : "text";
  }
}
