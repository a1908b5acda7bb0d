import { concat, LF, SPACE, TAB } from "../base/bytes.ts";
import { decodeBase64, decodeTransfer } from "./transfer-encoding.ts";

/** Decodes a body that comes in pieces. */
export interface TransferDecoder {
  /** What can be decoded now; the rest waits for the next piece. */
  push(piece: Uint8Array): Uint8Array;
  /** What was left at the end. */
  end(): Uint8Array;
}

const EQUALS = 0x3d;
const nothing = new Uint8Array(0);
/** A line longer than this is cut: no encoding writes such lines. */
const LINE_BYTES_MAX = 64 * 1024;

/**
 * A decoder for a Content-Transfer-Encoding that gives, over all pieces, what `decodeTransfer`
 * gives for the whole (lines above 64 KiB apart), holding one line at most. Uuencoded data is held
 * whole, because only its end tells where it began.
 */
export function createTransferDecoder(encoding: string): TransferDecoder {
  switch (encoding.toLowerCase()) {
    case "base64":
      return cutAt(lastQuantum, decodeBase64);
    case "quoted-printable":
      return cutAt(lastLine, (bytes) => decodeTransfer(bytes, encoding));
    case "x-uuencode":
    case "x-uue":
    case "uuencode":
    case "uue":
      return cutAt(
        () => 0,
        (bytes) => decodeTransfer(bytes, encoding),
      );
    default:
      return { push: (piece) => piece, end: () => nothing };
  }
}

/** Decodes up to where `findCut` says that what comes before needs nothing of what comes after. */
function cutAt(
  findCut: (bytes: Uint8Array) => number,
  decode: (bytes: Uint8Array) => Uint8Array,
): TransferDecoder {
  let held: Uint8Array[] = [];
  return {
    push(piece) {
      held.push(piece.slice());
      const bytes = concat(held);
      const cut = findCut(bytes);
      held = [bytes.subarray(cut)];
      return cut === 0 ? nothing : decode(bytes.subarray(0, cut));
    },
    end() {
      const bytes = concat(held);
      held = [];
      return decode(bytes);
    },
  };
}

/** After the last line end, or before what a soft break or trailing blanks may continue. */
function lastLine(bytes: Uint8Array): number {
  const lineEnd = bytes.lastIndexOf(LF);
  if (lineEnd >= 0) return lineEnd + 1;
  if (bytes.length < LINE_BYTES_MAX) return 0;
  let cut = bytes.length - 2;
  while (cut > 0 && [EQUALS, SPACE, TAB].includes(bytes[cut - 1] ?? 0)) cut--;
  return bytes[cut - 2] === EQUALS ? cut - 2 : cut;
}

/** After the last four digits that are whole; padding ends a quantum too. */
function lastQuantum(bytes: Uint8Array): number {
  let digits = 0;
  let cut = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === EQUALS) digits = 0;
    else if (isDigit(byte)) digits = (digits + 1) & 3;
    if (digits === 0) cut = at + 1;
  }
  return cut;
}

function isDigit(byte: number): boolean {
  const letter = byte | 0x20;
  const isLetter = letter >= 0x61 && letter <= 0x7a && byte < 0x80;
  const isUrlSafe = byte === 0x2d || byte === 0x5f; // Node's decoder takes these too
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2f || isUrlSafe;
}
