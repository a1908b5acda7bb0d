import { nameLengthMax } from "../names.ts";

/** RFC 7208 §7: text with places that are filled in for each message. */
export type MacroString = readonly MacroPart[];

export type MacroPart =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "macro";
      readonly letter: string;
      readonly isUrlEscaped: boolean;
      /** How many labels are kept from the right; 0 for all. */
      readonly labelsKept: number;
      readonly isReversed: boolean;
      readonly delimiters: string;
    };

/** Gives what a macro letter (lower case) stands for. */
export type MacroValues = (letter: string) => string | Promise<string>;

const macroExpand = /^%(?:([%_-])|\{([slodiphvcrtSLODIPHVCRT])(\d{0,3})([rR]?)([.\-+,/_=]*)\})/;
const escapes: ReadonlyMap<string, string> = new Map([
  ["%", "%"],
  ["_", " "],
  ["-", "%20"],
]);
/** RFC 7208 §7.2: these letters are allowed in explanations only. */
const explanationLetters = /^[crt]$/;

/**
 * Reads a macro-string (RFC 7208 §7.1); undefined when it is malformed. `isExplanation` lets spaces
 * and the letters c, r and t in.
 */
export function parseMacros(text: string, isExplanation = false): MacroString | undefined {
  const parts: MacroPart[] = [];
  for (let at = 0; at < text.length;) {
    const percent = text.indexOf("%", at);
    const end = percent < 0 ? text.length : percent;
    if (end > at) parts.push({ kind: "text", text: text.slice(at, end) });
    at = end;
    if (percent < 0) break;
    const match = macroExpand.exec(text.slice(at, at + 300));
    const part = match === null ? undefined : readExpand(match, isExplanation);
    if (match === null || part === undefined) return undefined;
    parts.push(part);
    at += match[0].length;
  }
  const literal = isExplanation ? /^[\x20-\x7e]*$/ : /^[\x21-\x7e]*$/;
  return literal.test(text) ? parts : undefined;
}

function readExpand(match: RegExpExecArray, isExplanation: boolean): MacroPart | undefined {
  const [, escape, letter = "", digits = "", reverse = "", delimiters = ""] = match;
  if (escape !== undefined) return { kind: "text", text: escapes.get(escape) ?? "" };
  const lower = letter.toLowerCase();
  if (explanationLetters.test(lower) && !isExplanation) return undefined;
  const labelsKept = Number(digits);
  if (digits !== "" && labelsKept === 0) return undefined;
  return {
    kind: "macro",
    letter: lower,
    isUrlEscaped: letter !== lower,
    labelsKept,
    isReversed: reverse !== "",
    delimiters: delimiters === "" ? "." : delimiters,
  };
}

/** RFC 7208 §7.3. The length of the result is bounded by `lengthMax` characters. */
export async function expandMacros(
  parts: MacroString,
  values: MacroValues,
  lengthMax: number,
): Promise<string> {
  let text = "";
  for (const part of parts) {
    if (part.kind === "text") text += part.text;
    else text += transform(await values(part.letter), part);
    if (text.length > lengthMax) return text.slice(0, lengthMax);
  }
  return text;
}

/** Expands to a name that DNS can hold: one that is too long loses labels from the left (§7.3). */
export async function expandName(parts: MacroString, values: MacroValues): Promise<string> {
  const name = await expandMacros(parts, values, 4_000);
  let cut = name.endsWith(".") ? name.slice(0, -1) : name;
  while (cut.length > nameLengthMax && cut.includes(".")) cut = cut.slice(cut.indexOf(".") + 1);
  return cut;
}

/** Whether an expansion asks for one of these letters. */
export function usesLetters(parts: MacroString, letters: string): boolean {
  return parts.some((part) => part.kind === "macro" && letters.includes(part.letter));
}

function transform(value: string, part: MacroPart & { kind: "macro" }): string {
  let labels: string[] = [];
  let label = "";
  for (const character of value) {
    if (part.delimiters.includes(character)) {
      labels.push(label);
      label = "";
    } else label += character;
  }
  labels.push(label);
  if (part.isReversed) labels.reverse();
  if (part.labelsKept > 0) labels = labels.slice(-part.labelsKept);
  const joined = labels.join(".");
  return part.isUrlEscaped ? escapeUrl(joined) : joined;
}

/** RFC 3986 §2.3: all but the unreserved characters. */
function escapeUrl(text: string): string {
  const isUnreserved = (code: number) => /[A-Za-z0-9\-._~]/.test(String.fromCharCode(code));
  return [...Buffer.from(text, "utf8")]
    .map((byte) =>
      isUnreserved(byte)
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}
