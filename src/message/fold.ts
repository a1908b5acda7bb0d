import { byteClass, latin1 } from "../base/bytes.ts";
import { DROPPED, EXPANDED, expansionOf, foldPair, foldTable, foldUnit } from "./folding/table.ts";

const SPACE = 0x20;
const LETTER_Y = 0x79;
const COMBINING_BREVE = 0x306;

/**
 * Folding for search: two texts match when their folded forms do. Character by character, so that
 * `fold(text)` contains `fold(part)` whenever `text` contains `part`:
 *
 * 1. Lower case (Unicode default, no locale), final sigma as sigma.
 * 2. Cyrillic becomes Latin: in the Serbian way where Serbian has the letter (ж z, ц c, ч c, ш s,
 *    ђ d, љ lj, њ nj, ћ c, џ dz, ј j), in the official Bulgarian way otherwise (щ st, ъ a, ь y,
 *    ю yu, я ya, й y); Macedonian, Ukrainian and Russian letters have their usual form.
 * 3. đ becomes d, ł l, ø o, ß ss, æ ae, œ oe, þ th, ð d, ħ h, ı i, ŧ t, ŋ n; typographic quotes and
 *    dashes become plain ones.
 * 4. Compatibility decomposition (NFKD); combining marks are dropped where they are accents (Latin,
 *    Greek, Cyrillic, Hebrew points, Arabic vowels), and the rest is composed again, so Japanese,
 *    Korean and Indic letters stay whole.
 * 5. A run of white space becomes one space; other control characters, the soft hyphen, zero-width
 *    characters and halves of surrogate pairs vanish.
 *
 * So "Đorđe", "ĐORĐE", "dorde" and "Ђорђе" are one word; "djordje" is another. One table look-up
 * for each UTF-16 unit; the result is a one-byte string in memory for Latin and Cyrillic text.
 */
export function foldText(text: string): string {
  return Buffer.byteLength(text) === text.length ? foldAscii(text) : foldUnicode(text);
}

/** Bytes of ASCII: 1 where rule 5 may change something. */
const isBlankOrControl = byteClass([0x00, SPACE], 0x7f);
const isWhiteSpace = byteClass([0x09, 0x0d], SPACE);

/** Half of all mail: the engine's own lower case, then blanks in place. */
function foldAscii(text: string): string {
  const bytes = Buffer.from(text.toLowerCase(), "latin1");
  let length = 0;
  let last = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isBlankOrControl[byte] === 0) bytes[length++] = last = byte;
    else if (isWhiteSpace[byte] === 1 && last !== SPACE) bytes[length++] = last = SPACE;
  }
  return latin1(bytes, 0, length);
}

function foldUnicode(text: string): string {
  const source = Buffer.from(text, "utf16le");
  const units = new Uint16Array(source.buffer, source.byteOffset, text.length);
  // Expansions beyond an eighth of the text send the rest to the wide form, which grows.
  const narrow = Buffer.allocUnsafe(text.length + (text.length >> 3) + 32);
  let length = 0;
  let last = 0;
  for (let at = 0; at < units.length; at++) {
    const code = units[at] ?? 0;
    const unit = foldTable[code] || foldUnit(code);
    if (unit > SPACE && unit < 0x100) {
      narrow[length++] = last = unit;
    } else if (unit === SPACE) {
      if (last !== SPACE) narrow[length++] = last = SPACE;
    } else if (unit === EXPANDED) {
      const expansion = expansionOf(code);
      const room = narrow.length - (units.length - at);
      const isHalf = (code & 0xf800) === 0xd800;
      if (isHalf || length + expansion.length > room || !isNarrow(expansion)) {
        return foldWide(text.slice(at), latin1(narrow, 0, length));
      }
      for (let i = 0; i < expansion.length; i++) {
        last = expansion.charCodeAt(i);
        narrow[length++] = last;
      }
      if (code === COMBINING_BREVE && isShortI(units, at)) narrow[length - 1] = last = LETTER_Y;
    } else if (unit !== DROPPED) {
      return foldWide(text.slice(at), latin1(narrow, 0, length));
    }
  }
  return latin1(narrow, 0, length);
}

/** й written as и and a combining breve: the same letter as the composed one. */
function isShortI(units: Uint16Array, breveAt: number): boolean {
  const before = units[breveAt - 1];
  return before === 0x438 || before === 0x418;
}

function isNarrow(expansion: string): boolean {
  for (let i = 0; i < expansion.length; i++) if (expansion.charCodeAt(i) > 0xff) return false;
  return true;
}

/** The rest of a text from its first character whose folded form is above U+00FF. */
function foldWide(rest: string, folded: string): string {
  const text = rest.normalize("NFC");
  let units = new Uint16Array(text.length + 64);
  let length = 0;
  let last = folded.charCodeAt(folded.length - 1);
  const push = (unit: number) => {
    if (unit === DROPPED || (unit === SPACE && last === SPACE)) return;
    if (length === units.length) {
      const grown = new Uint16Array(units.length * 2);
      grown.set(units);
      units = grown;
    }
    units[length++] = last = unit;
  };
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const unit = foldTable[code] || foldUnit(code);
    if (unit !== EXPANDED) {
      push(unit);
      continue;
    }
    const isPair = (code & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    const expansion = isPair ? foldPair(text.slice(at, ++at + 1)) : expansionOf(code);
    for (let i = 0; i < expansion.length; i++) push(expansion.charCodeAt(i));
  }
  return folded + Buffer.from(units.buffer, 0, length * 2).toString("utf16le");
}
