import { latin1 } from "../base/bytes.ts";
import { DROPPED, expansions, EXPANDED, foldPair, foldTable } from "./folding/table.ts";

const SPACE = 0x20;
const COMBINING_BREVE = 0x306;
const EXPANSION_MAX = 20;
/** Up to here the engine's own lower case beats filling arrays. */
const SHORT_LENGTH = 300;
/** From here copying the text into an array pays. */
const COPIED_LENGTH = 8192;

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
  if (text.length < SHORT_LENGTH && /^[\x20-\x7e]*$/.test(text) && !text.includes("  ")) {
    return text.toLowerCase();
  }
  const units = text.length > COPIED_LENGTH ? unitsOf(text) : undefined;
  const narrow = Buffer.allocUnsafe(text.length + (text.length >> 3) + EXPANSION_MAX);
  let length = 0;
  let last = 0;
  for (let at = 0; at < text.length; at++) {
    const code = units === undefined ? text.charCodeAt(at) : (units[at] ?? 0);
    const unit = foldTable[code] ?? DROPPED;
    if (unit > SPACE && unit < 0x100) {
      narrow[length++] = last = unit;
    } else if (unit === SPACE) {
      if (last !== SPACE) narrow[length++] = last = SPACE;
    } else if (unit === EXPANDED) {
      const expansion = code === COMBINING_BREVE ? "" : (expansions.get(code) ?? "");
      // Letters before and after the text's end need room too: the wide form has no such bound.
      const room = narrow.length - (text.length - at);
      if (length + expansion.length > room || !isNarrow(expansion)) {
        return foldWide(text.slice(at), latin1(narrow, 0, length));
      }
      for (let i = 0; i < expansion.length; i++) {
        last = expansion.charCodeAt(i);
        narrow[length++] = last;
      }
      if (code === COMBINING_BREVE && isShortI(text, at)) narrow[length - 1] = last = 0x79;
    } else if (unit !== DROPPED) {
      return foldWide(text.slice(at), latin1(narrow, 0, length));
    }
  }
  return latin1(narrow, 0, length);
}

function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  Buffer.from(units.buffer).write(text, "utf16le");
  return units;
}

/** й written as и and a combining breve: the same letter as the composed one. */
function isShortI(text: string, breveAt: number): boolean {
  const before = text.charCodeAt(breveAt - 1);
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
    const unit = foldTable[code] ?? DROPPED;
    if (unit !== EXPANDED && (code & 0xf800) !== 0xd800) {
      push(unit);
      continue;
    }
    const isPair = (code & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    const expansion = isPair ? foldPair(text.slice(at, ++at + 1)) : (expansions.get(code) ?? "");
    for (let i = 0; i < expansion.length; i++) push(expansion.charCodeAt(i));
  }
  return folded + Buffer.from(units.buffer, 0, length * 2).toString("utf16le");
}
