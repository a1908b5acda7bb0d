import { byteClass } from "../base/bytes.ts";
import { Refusal } from "../base/faults.ts";
import { flagBits } from "../store/mail-changes.ts";
import type { Flags } from "../store/mail-changes.ts";

/** RFC 8621 §4.1.1: longest keyword, characters. RFC 9051 §9 has no bound. */
const keywordCharactersMax = 255;
const allSystemFlags = Object.values(flagBits).reduce((sum, bit) => sum | bit, 0);

export const noFlags: Flags = { system: 0, keywords: [] };

/** RFC 9051 §9 ATOM-CHAR without the characters that JMAP forbids in keywords besides. */
const keywordBytes = keywordClass();

/**
 * Flags in the form of the store: keywords sorted, one of each in whatever letter case.
 * @throws Refusal `syntax` for what is not a keyword (RFC 9051 §9 flag-keyword), `limit` for more
 *   than `keywordsMax`.
 */
export function normaliseFlags(flags: Flags, keywordsMax: number): Flags {
  const system = flags.system & allSystemFlags;
  if (flags.keywords.length === 0) return { system, keywords: [] };
  const keywords = new Map<string, string>();
  for (const keyword of flags.keywords) {
    if (!isKeyword(keyword)) throw new Refusal("syntax", "A flag has characters not allowed.");
    const folded = keyword.toLowerCase();
    if (!keywords.has(folded)) keywords.set(folded, keyword);
  }
  if (keywords.size > keywordsMax) throw new Refusal("limit", "Too many different keywords.");
  return { system, keywords: [...keywords.values()].sort() };
}

/** Whether text may be a keyword: 1 to 255 characters of an atom. */
export function isKeyword(text: string): boolean {
  if (text.length === 0 || text.length > keywordCharactersMax) return false;
  for (let at = 0; at < text.length; at++) {
    if ((keywordBytes[text.charCodeAt(at)] ?? 0) === 0) return false;
  }
  return true;
}

function keywordClass(): Uint8Array {
  const table = byteClass([0x21, 0x7e]);
  for (const forbidden of '(){]%*"\\') table[forbidden.charCodeAt(0)] = 0;
  return table;
}
