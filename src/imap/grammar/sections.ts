import { Refusal } from "../../base/faults.ts";
import { formatAstring } from "./strings.ts";
import type { Scanner } from "./scanner.ts";

/** Deepest part path, numbers. */
export const partDepthMax = 64;
/** Most header names in one HEADER.FIELDS. */
export const headerNamesMax = 256;

export type SectionText =
  | { readonly kind: "all" | "header" | "text" | "mime" }
  | {
      readonly kind: "fields";
      readonly keep: "only" | "except";
      readonly names: readonly string[];
    };

/** RFC 9051 §9 section-spec: a path of part numbers and what of that part. */
export interface Section {
  readonly part: readonly number[];
  readonly text: SectionText;
}

/** Takes "[" section-spec "]"; `label` is the spec as it is repeated in the answer. */
export function parseSection(scanner: Scanner): { section: Section; label: string } {
  scanner.expect("[", '"["');
  const part: number[] = [];
  let text: SectionText = { kind: "all" };
  if (scanner.peek() !== "]") {
    let expectsText = !startsNumber(scanner);
    while (!expectsText) {
      if (part.length >= partDepthMax) throw new Refusal("limit", "The part path is too deep.");
      const number = scanner.number("a part number", 4_294_967_295);
      if (number === 0) throw scanner.error("Part numbers begin at 1.");
      part.push(number);
      if (!scanner.skip(".")) break;
      expectsText = !startsNumber(scanner);
    }
    if (expectsText) text = parseSectionText(scanner, part.length > 0);
  }
  scanner.expect("]", '"]"');
  return { section: { part, text }, label: formatSection(part, text) };
}

function startsNumber(scanner: Scanner): boolean {
  return /\d/.test(scanner.peek());
}

function parseSectionText(scanner: Scanner, isInPart: boolean): SectionText {
  if (scanner.skip("HEADER.FIELDS.NOT ")) {
    return { kind: "fields", keep: "except", names: parseHeaderNames(scanner) };
  }
  if (scanner.skip("HEADER.FIELDS ")) {
    return { kind: "fields", keep: "only", names: parseHeaderNames(scanner) };
  }
  if (scanner.skip("HEADER")) return { kind: "header" };
  if (scanner.skip("TEXT")) return { kind: "text" };
  if (isInPart && scanner.skip("MIME")) return { kind: "mime" };
  throw scanner.error("Unknown section.");
}

function parseHeaderNames(scanner: Scanner): string[] {
  return scanner.list(() => scanner.astring("a header name"), {
    allowEmpty: false,
    itemsMax: headerNamesMax,
  });
}

function formatSection(part: readonly number[], text: SectionText): string {
  const words: string[] = part.map(String);
  if (text.kind === "fields") {
    const names = text.names.map((name) => formatAstring(name, false)).join(" ");
    words.push(`${text.keep === "only" ? "HEADER.FIELDS" : "HEADER.FIELDS.NOT"} (${names})`);
  } else if (text.kind !== "all") words.push(text.kind.toUpperCase());
  return words.join(".");
}
