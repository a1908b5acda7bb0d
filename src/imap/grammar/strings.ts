import { fromUtf8, latin1 } from "../../base/bytes.ts";
import { astringChar } from "./classes.ts";

/** Longer strings go as literals, so that lines stay readable for every client. */
const quotedBytesMax = 1000;

/** Octets as a quoted string where that can hold them, else as a literal (RFC 9051 §4.3). */
export function formatString(octets: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly what a quoted string can carry
  const isPlain = /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/.test(octets);
  return isPlain && octets.length <= quotedBytesMax ? quote(octets) : formatLiteral(octets);
}

export function formatLiteral(octets: string): string {
  return `{${octets.length}}\r\n${octets}`;
}

/** Octets without CR, LF and NUL as a quoted string. */
export function quote(octets: string): string {
  return `"${octets.replace(/["\\]/g, "\\$&")}"`;
}

/** Unicode text as a string of the wire: UTF-8, as a literal when it is not ASCII. */
export function formatText(text: string): string {
  return formatString(latin1(fromUtf8(text)));
}

export function formatNstring(octets: string | undefined): string {
  return octets === undefined ? "NIL" : formatString(octets);
}

/** An atom where the octets are one, else a string. NIL is always quoted. */
export function formatAstring(octets: string, isUtf8: boolean): string {
  if (octets === "" || octets.length > quotedBytesMax) return formatString(octets);
  for (let at = 0; at < octets.length; at++) {
    if (astringChar[octets.charCodeAt(at)] !== 1) {
      const isUtf8Quotable = isUtf8 && !/[\r\n\0]/.test(octets);
      return isUtf8Quotable ? quote(octets) : formatString(octets);
    }
  }
  return octets.toUpperCase() === "NIL" ? quote(octets) : octets;
}
