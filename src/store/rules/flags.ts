import { Refusal } from "../../base/faults.ts";
import { type Flags, type FlagsMode, flagBits } from "../mail-changes.ts";

/** Characters that the keywords of one message may have together, separators included. */
export const keywordCharsMax = 4096;

const systemFlagsAll =
  flagBits.seen | flagBits.answered | flagBits.flagged | flagBits.deleted | flagBits.draft;

export const noFlags: Flags = { system: 0, keywords: [] };

/**
 * Flags as the store keeps them: known system bits; keywords sorted by lower case, the first
 * spelling kept when two differ only in letter case.
 * @throws Refusal `limit` when the keywords are too long together.
 */
export function normalFlags(flags: Flags): Flags {
  const keywords = normalKeywords(flags.keywords);
  const system = flags.system & systemFlagsAll;
  return system === flags.system && keywords === flags.keywords ? flags : { system, keywords };
}

/** What the flags of a message become. Both arguments are normal (see `normalFlags`). */
export function changeFlags(before: Flags, mode: FlagsMode, asked: Flags): Flags {
  switch (mode) {
    case "add":
      if (asked.keywords.length === 0) return withSystem(before, before.system | asked.system);
      return normalFlags({
        system: before.system | asked.system,
        keywords: [...before.keywords, ...asked.keywords],
      });
    case "remove":
      return withSystem(
        asked.keywords.length === 0 ? before : withoutKeywords(before, asked.keywords),
        before.system & ~asked.system,
      );
    case "replace":
      return { system: asked.system, keywords: keepSpelling(before.keywords, asked.keywords) };
  }
}

export function sameFlags(a: Flags, b: Flags): boolean {
  return a.system === b.system && sameKeywords(a.keywords, b.keywords);
}

/** A text that is equal for equal sets of keywords; keywords have no spaces (RFC 9051 §9 atom). */
export function keywordsKey(keywords: readonly string[]): string {
  return keywords.length === 0 ? "" : keywords.join(" ");
}

export function flagsKey(flags: Flags): string {
  return `${flags.system} ${keywordsKey(flags.keywords)}`;
}

function sameKeywords(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((keyword, index) => keyword === b[index]));
}

function withSystem(flags: Flags, system: number): Flags {
  return flags.system === system ? flags : { system, keywords: flags.keywords };
}

function withoutKeywords(flags: Flags, removed: readonly string[]): Flags {
  const gone = new Set(removed.map(fold));
  return { system: flags.system, keywords: flags.keywords.filter((one) => !gone.has(fold(one))) };
}

function keepSpelling(before: readonly string[], asked: readonly string[]): readonly string[] {
  if (before.length === 0 || asked.length === 0) return asked;
  const known = new Map(before.map((keyword) => [fold(keyword), keyword]));
  return asked.map((keyword) => known.get(fold(keyword)) ?? keyword);
}

function normalKeywords(keywords: readonly string[]): readonly string[] {
  if (keywords.length === 0) return keywords;
  const byFolded = new Map<string, string>();
  let chars = 0;
  for (const keyword of keywords) {
    if (keyword === "" || keyword.includes(" ")) {
      throw new Refusal("syntax", "A keyword is one word.");
    }
    const folded = fold(keyword);
    if (byFolded.has(folded)) continue;
    byFolded.set(folded, keyword);
    chars += keyword.length + 1;
  }
  if (chars > keywordCharsMax) throw new Refusal("limit", "Too many keywords on one message.");
  const sorted = [...byFolded].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, keyword]) => keyword);
  return sameKeywords(sorted, keywords) ? keywords : sorted;
}

/** Only ASCII letters have a case in keywords. */
function fold(keyword: string): string {
  return keyword.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
