import { asBuffer, CR, fromLatin1, latin1, LF, SPACE, TAB } from "../base/bytes.ts";
import { decodePaddedBase64 } from "./encodings/base64.ts";
import { hexPair } from "./encodings/hex.ts";
import { decodeUuencoded } from "./encodings/uuencode.ts";
import { decodeQuotedPrintable } from "./encodings/quoted-printable.ts";

export { decodeQuotedPrintable, encodeQuotedPrintable } from "./encodings/quoted-printable.ts";

const EQUALS = 0x3d;
const PERCENT = 0x25;

/**
 * The bytes of a part's body without its Content-Transfer-Encoding (RFC 2045 §6, and the old
 * x-uuencode). Never fails: what is malformed is kept or skipped as close to the sender's intent
 * as can be, and an unknown encoding leaves the bytes as they are.
 */
export function decodeTransfer(bytes: Uint8Array, encoding: string): Uint8Array {
  switch (encoding.toLowerCase()) {
    case "base64":
      return decodeBase64(bytes);
    case "quoted-printable":
      return decodeQuotedPrintable(bytes);
    case "x-uuencode":
    case "x-uue":
    case "uuencode":
    case "uue":
      return decodeUuencoded(bytes);
    default:
      return bytes;
  }
}

/** Base64 (RFC 2045 §6.8): other bytes are skipped, padding in the middle begins a new quantum. */
export function decodeBase64(bytes: Uint8Array): Uint8Array {
  const padding = asBuffer(bytes).indexOf(EQUALS);
  // Node stops at the first padding: fine when nothing but padding and line ends come after it.
  if (padding < 0 || isOnlyPadding(bytes, padding)) {
    return Buffer.from(latin1(bytes), "base64");
  }
  return decodePaddedBase64(bytes);
}

function isOnlyPadding(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== EQUALS && byte !== CR && byte !== LF && byte !== SPACE && byte !== TAB) {
      return false;
    }
  }
  return true;
}

/** Base64 in lines of 76 characters that end in CRLF, the last one too. */
export function encodeBase64(bytes: Uint8Array): Uint8Array {
  const text = asBuffer(bytes).toString("base64");
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += 76) lines.push(text.slice(at, at + 76), "\r\n");
  return fromLatin1(lines.join(""));
}

/** Replaces `=XX` or `%XX` by the byte; a lone escape character stays. */
export function decodeHexEscapes(bytes: Uint8Array, escape: "=" | "%"): Uint8Array {
  const mark = escape === "=" ? EQUALS : PERCENT;
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const value = byte === mark ? hexPair(bytes, at + 1) : -1;
    decoded[length++] = value < 0 ? byte : value;
    if (value >= 0) at += 2;
  }
  return decoded.subarray(0, length);
}
