import { byteClass } from "../../base/bytes.ts";

/** Controls: 0x00 to 0x1F and 0x7F (RFC 5234 §B.1 CTL). */
const controls = byteClass([0x00, 0x1f], 0x7f);

function without(...removed: readonly Uint8Array[]): Uint8Array {
  const table = byteClass([0x00, 0x7f]);
  for (const set of removed) {
    for (let byte = 0; byte < 256; byte++) if (set[byte] === 1) table[byte] = 0;
  }
  return table;
}

/** RFC 9051 §9 atom-specials, without resp-specials ("]"). */
const nearlyAtomSpecials = byteClass('(){ %*"\\', [0x00, 0x1f], 0x7f);
const respSpecials = byteClass("]");

/** RFC 9051 §9 ATOM-CHAR: any CHAR except atom-specials. */
export const atomChar = without(nearlyAtomSpecials, respSpecials);
/** RFC 9051 §9 ASTRING-CHAR: ATOM-CHAR and "]". */
export const astringChar = without(nearlyAtomSpecials);
/** RFC 9051 §9 list-char: ASTRING-CHAR and the wildcards. */
export const listChar = without(byteClass('(){ "\\'), controls);
/** RFC 9051 §9 tag: any ASTRING-CHAR except "+". */
export const tagChar = without(nearlyAtomSpecials, byteClass("+"));
/** RFC 9051 §9 sequence-set characters. */
export const sequenceChar = byteClass(["0".charCodeAt(0), "9".charCodeAt(0)], "*:,");
export const digit = byteClass([0x30, 0x39]);
/** What a quoted string may hold besides escapes: TEXT-CHAR and 8-bit (UTF-8), no CR, LF, NUL. */
export const quotedChar = (() => {
  const table = byteClass([0x01, 0xff]);
  table[0x0a] = table[0x0d] = table[0x22] = table[0x5c] = 0;
  return table;
})();
