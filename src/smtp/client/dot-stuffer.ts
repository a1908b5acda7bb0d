import { CR, LF } from "../../base/bytes.ts";

const dot = Uint8Array.of(0x2e);
const lf = Uint8Array.of(LF);
const crlf = Uint8Array.of(CR, LF);

/**
 * Makes message content fit for DATA, piece by piece and in linear time: doubles a dot at the
 * start of a line (RFC 5321 §4.5.2), and turns a CR or LF that stands alone into a CRLF, because
 * neither may be sent (§2.3.8) and a receiver who took one for the end of a line could be made
 * to see an end of data that is not ours.
 */
export class DotStuffer {
  #state: "lineStart" | "inLine" | "afterCr" = "lineStart";

  /** Hands `emit` what to send for `piece`; parts of the piece are not copied. */
  push(piece: Uint8Array, emit: (bytes: Uint8Array) => void): void {
    if (piece.length === 0) return;
    let at = 0;
    let from = 0;
    if (this.#state === "afterCr") {
      if (piece[0] === LF) at = 1;
      else emit(lf);
      this.#state = "lineStart";
    }
    let nextCr = indexFrom(piece, CR, at);
    let nextLf = indexFrom(piece, LF, at);
    while (at < piece.length) {
      if (this.#state === "lineStart" && piece[at] === dot[0]) {
        emitRange(piece, from, at, emit);
        emit(dot);
        from = at;
      }
      if (nextCr < at) nextCr = indexFrom(piece, CR, at);
      if (nextLf < at) nextLf = indexFrom(piece, LF, at);
      if (nextCr < nextLf - 1 || (nextCr === piece.length - 1 && nextLf === piece.length)) {
        at = nextCr + 1;
        emitRange(piece, from, at, emit);
        from = at;
        this.#state = at === piece.length ? "afterCr" : "lineStart";
        if (this.#state === "lineStart") emit(lf);
        continue;
      }
      if (nextLf === piece.length) {
        this.#state = "inLine";
        break;
      }
      if (nextCr !== nextLf - 1) {
        emitRange(piece, from, nextLf, emit);
        emit(crlf);
        from = nextLf + 1;
      }
      at = nextLf + 1;
      this.#state = "lineStart";
    }
    emitRange(piece, from, piece.length, emit);
  }

  /** What ends the data, with the line end that the content may lack. */
  end(): string {
    const state = this.#state;
    this.#state = "lineStart";
    if (state === "lineStart") return ".\r\n";
    return state === "afterCr" ? "\n.\r\n" : "\r\n.\r\n";
  }
}

function indexFrom(piece: Uint8Array, byte: number, at: number): number {
  const found = piece.indexOf(byte, at);
  return found < 0 ? piece.length : found;
}

function emitRange(
  piece: Uint8Array,
  from: number,
  to: number,
  emit: (bytes: Uint8Array) => void,
): void {
  if (to > from) emit(piece.subarray(from, to));
}
