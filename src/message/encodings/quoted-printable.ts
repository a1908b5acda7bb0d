import { byteClass, CR, LF, SPACE, TAB } from "../../base/bytes.ts";
import { hexPair } from "./hex.ts";

const EQUALS = 0x3d;

const isSpecial = byteClass(EQUALS, CR, LF);

/**
 * Quoted-printable (RFC 2045 §6.7): soft line breaks join lines, blanks before a line end are
 * dropped, an escape that is none stays as it is. Line ends stay as they are. Linear.
 */
export function decodeQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const decoded = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let kept = 0; // blanks before this place were escaped, or end no line
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isSpecial[byte] === 0) decoded[length++] = byte;
    else if (byte === EQUALS) {
      const value = hexPair(bytes, at + 1);
      if (value >= 0) {
        decoded[length++] = value;
        at += 2;
      } else {
        const lineEnd = softBreakEnd(bytes, at + 1);
        if (lineEnd < 0) decoded[length++] = byte;
        else at = lineEnd - 1;
      }
      kept = length;
    } else {
      while (length > kept && isBlank(decoded[length - 1])) length--;
      decoded[length++] = byte;
      kept = length;
    }
  }
  return decoded.subarray(0, length);
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

const BLANKS_MAX = 80;

/** Where the line after a soft break begins, or -1 when something stands before the line end. */
function softBreakEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at] === SPACE || bytes[at] === TAB) && at - from < BLANKS_MAX) at++;
  if (at === bytes.length) return at;
  if (bytes[at] === LF) return at + 1;
  return bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : -1;
}

const hexDigits = Buffer.from("0123456789ABCDEF");
const LINE_MAX = 75; // and the "=" of a soft break makes 76

/**
 * Bytes as quoted-printable text. CRLF and lone LF in the input are line ends and come out as
 * CRLF; everything else that is not printable ASCII is escaped, lone CR too, and a dot or "From "
 * at the start of a line, which old transports damage.
 */
export function encodeQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const encoded = Buffer.allocUnsafe(bytes.length * 3 + Math.ceil(bytes.length / 24) * 3 + 8);
  let length = 0;
  let column = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === LF || (byte === CR && bytes[at + 1] === LF)) {
      if (byte === CR) at++;
      length += encoded.write("\r\n", length, "latin1");
      column = 0;
      continue;
    }
    const isPlain = isPlainAt(bytes, at, column);
    const width = isPlain ? 1 : 3;
    if (column + width > LINE_MAX) {
      length += encoded.write("=\r\n", length, "latin1");
      column = 0;
    }
    if (isPlain && isPlainAt(bytes, at, column)) {
      encoded[length++] = byte;
      column++;
    } else {
      encoded[length++] = EQUALS;
      encoded[length++] = hexDigits[byte >>> 4] ?? 0;
      encoded[length++] = hexDigits[byte & 15] ?? 0;
      column += 3;
    }
  }
  return encoded.subarray(0, length);
}

function isPlainAt(bytes: Uint8Array, at: number, column: number): boolean {
  const byte = bytes[at] ?? 0;
  if (byte === SPACE || byte === TAB) {
    const next = bytes[at + 1];
    return next !== undefined && next !== LF && next !== CR;
  }
  if (byte < 0x21 || byte > 0x7e || byte === EQUALS) return false;
  if (column > 0) return true;
  const startsFrom = byte === 0x46 && bytes[at + 1] === 0x72 && bytes[at + 2] === 0x6f;
  return byte !== 0x2e && !startsFrom;
}
