import { letters } from "./letters.ts";

/** Table value of a character that vanishes. */
export const DROPPED = 0;
/** Table value of a character that becomes several: look it up in `expansions`. */
export const EXPANDED = 0xffff;

/** Accents: what a person who searches leaves out. Marks that make another letter stay. */
const accents =
  /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g;
const invisible =
  // oxlint-disable-next-line no-control-regex -- control characters are what it is for
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/;
const whiteSpace = /[\s\u0085]/;

/** Ranges without case, accents or compatibility forms: they fold to themselves. */
const untouched: readonly (readonly [number, number])[] = [
  [0x3400, 0xa4bf], // Chinese characters, Yi
  [0xac00, 0xd77f], // Korean syllables
  [0xd800, 0xf8bf], // surrogates, private use
];
const BLOCK = 64;

export const foldTable: Uint16Array = new Uint16Array(0x10000);
export const expansions: ReadonlyMap<number, string> = fillTable(foldTable);

function fillTable(table: Uint16Array): ReadonlyMap<number, string> {
  const expanded = new Map<number, string>();
  for (let start = 0; start < 0x10000; start += BLOCK) {
    const codes = Array.from({ length: BLOCK }, (_, index) => start + index);
    const block = String.fromCharCode(...codes);
    if (isUntouched(start) || foldsToItself(block)) {
      table.set(codes, start);
      continue;
    }
    for (const code of codes) {
      const folded = foldCharacter(String.fromCharCode(code));
      if (folded.length === 1 && folded !== "\uffff") table[code] = folded.charCodeAt(0);
      else if (folded.length > 0) {
        table[code] = EXPANDED;
        expanded.set(code, folded);
      }
    }
  }
  table[0x306] = EXPANDED; // the breve: foldText looks at the letter before it
  return expanded;
}

function isUntouched(code: number): boolean {
  return untouched.some(([first, last]) => code >= first && code <= last);
}

/** Most of the table lies in scripts without case and accents: the server starts faster so. */
function foldsToItself(block: string): boolean {
  if (block.toLowerCase().normalize("NFKD") !== block) return false;
  if (invisible.test(block) || /[\s\u0085\uffff]/.test(block)) return false;
  if (block.replace(accents, "") !== block) return false;
  return !/[\u0000-\u052f\u2000-\u22ff]/.test(block);
}

/** A character outside the first 65,536, given as its surrogate pair. */
export function foldPair(pair: string): string {
  return foldCharacter(pair);
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
