import { asBuffer, CR, fromLatin1, LF } from "../../base/bytes.ts";

const DOT = 0x2e;
const oneDot = fromLatin1(".");

/**
 * Writes a message as a multi-line answer (RFC 1939 §3): a dot before each line that begins with
 * one, then the line with the final dot. Lines also begin after a bare LF, because programs that
 * read such lines would otherwise take part of a message for the end of the answer. Pieces without
 * such lines pass through without a copy.
 */
export class DotStuffer {
  readonly #write: (piece: Uint8Array) => void;
  /** The last two bytes written; a message begins as if after CRLF. */
  #before = CR;
  #last = LF;

  constructor(write: (piece: Uint8Array) => void) {
    this.#write = write;
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    const bytes = asBuffer(piece);
    if (this.#last === LF && bytes[0] === DOT) this.#write(oneDot);
    let from = 0;
    for (let at = bytes.indexOf("\n."); at >= 0; at = bytes.indexOf("\n.", at + 1)) {
      this.#write(bytes.subarray(from, at + 1));
      this.#write(oneDot);
      from = at + 1;
    }
    this.#write(from === 0 ? bytes : bytes.subarray(from));
    this.#before = bytes.length > 1 ? (bytes[bytes.length - 2] ?? 0) : this.#last;
    this.#last = bytes[bytes.length - 1] ?? 0;
  }

  /** The line with the final dot, behind a line end if the message had none. */
  end(): string {
    return this.#before === CR && this.#last === LF ? ".\r\n" : "\r\n.\r\n";
  }
}
