import { bulgarian } from "./bulgarian.ts";
import { croatian } from "./croatian.ts";
import { english } from "./english.ts";
import { inLatin } from "./in-latin.ts";
import { polish } from "./polish.ts";
import { serbian } from "./serbian.ts";
import type { Texts } from "./texts.ts";

/** All languages in which we answer; the first is that of the greeting, and what "*" means. */
export const languages: readonly Texts[] = [
  english,
  croatian,
  polish,
  bulgarian,
  serbian,
  inLatin(serbian),
];

/** Longest language range that is looked at, characters (RFC 5646 §4.4.1 asks for 35). */
const rangeLengthMax = 100;

/**
 * The texts for a language range, which loses its last subtag until one fits (RFC 4647 §3.4):
 * "hr-HR" is "hr". "*" is the language of the server (RFC 6856 §3.1).
 */
export function findTexts(range: string): Texts | undefined {
  if (range === "*") return languages[0];
  if (range.length > rangeLengthMax) return undefined;
  const subtags = range.toLowerCase().split("-");
  for (let count = subtags.length; count > 0; count--) {
    const wanted = subtags.slice(0, count).join("-");
    const found = languages.find(({ tag }) => tag.toLowerCase() === wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
