import { letters } from "./letters.ts";

/** Value of a character that vanishes (U+0001 itself does, so it is free). */
export const DROPPED = 1;
/** Value of a character that becomes several: `expansionOf` has them. */
export const EXPANDED = 0xffff;

/** Accents: what a person who searches leaves out. Marks that make another letter stay. */
const accents =
  /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g;
const invisible =
  // oxlint-disable-next-line no-control-regex -- control characters are what it is for
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/;
const whiteSpace = /[\s\u0085]/;
const COMBINING_BREVE = 0x306;

/**
 * The folded form of each UTF-16 unit: one unit, `DROPPED`, `EXPANDED`, or 0 where nobody asked
 * yet. Filling all 65,536 at start would cost every start 40 ms; the values do not depend on who
 * asks first, so this is a constant that is computed late, not state.
 */
const table = new Uint16Array(0x10000);
const expansions = new Map<number, string>();

/** The table, to read fast; where it has 0, `foldUnit` knows. */
export const foldTable: Readonly<Uint16Array> = table;

/** The folded form of a unit, as in the table, which has it from now on. */
export function foldUnit(code: number): number {
  const known = table[code] ?? 0;
  if (known !== 0) return known;
  const folded = (code & 0xf800) === 0xd800 ? "\uffff" : foldCharacter(String.fromCharCode(code));
  let value = folded.charCodeAt(0);
  if (folded === "") value = DROPPED;
  // The breve changes the letter before it; half a surrogate pair needs the other half.
  if (folded.length > 1 || value === EXPANDED || code === COMBINING_BREVE) value = EXPANDED;
  if (folded.length > 1 || code === EXPANDED) expansions.set(code, folded);
  table[code] = value;
  return value;
}

/** What a unit whose value is `EXPANDED` becomes; empty for half a surrogate pair. */
export function expansionOf(code: number): string {
  return expansions.get(code) ?? "";
}

/** A character outside the first 65,536, given as its surrogate pair. */
export function foldPair(pair: string): string {
  const code = pair.codePointAt(0) ?? 0;
  const isPictogram = code >= 0x1f300 && code <= 0x1faff;
  const isChinese = code >= 0x20000 && code < 0x2f800;
  return isPictogram || isChinese ? pair : foldCharacter(pair);
}

function foldCharacter(character: string): string {
  if (whiteSpace.test(character) && character !== "\ufeff") return " ";
  if (invisible.test(character)) return "";
  const lower = character.toLowerCase();
  const own = letters.get(lower);
  if (own !== undefined) return own;
  const decomposed = lower.normalize("NFKD");
  if (decomposed === lower && lower.length === 1) return lower.replace(accents, "");
  const bare = decomposed.replace(accents, "").toLowerCase();
  let folded = "";
  for (const letter of bare) folded += letters.get(letter) ?? letter;
  return folded.normalize("NFC").replace(/\s+/g, " ");
}
