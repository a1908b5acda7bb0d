import { Refusal } from "../../base/faults.ts";
import { atomChar } from "./classes.ts";
import { parsePartialRange, type PartialRange } from "./partial-range.ts";
import { parseSection, type Section } from "./sections.ts";
import { parseSequenceSet, type SequenceSet } from "./sequence-set.ts";
import type { Scanner } from "./scanner.ts";

/** Most attributes in one FETCH. */
export const attributesMax = 64;

/** Data items that take no argument and are answered under their own name. */
export type SimpleItem =
  | "UID"
  | "FLAGS"
  | "INTERNALDATE"
  | "RFC822.SIZE"
  | "ENVELOPE"
  | "BODYSTRUCTURE"
  | "BODY"
  | "MODSEQ"
  | "SAVEDATE"
  | "EMAILID"
  | "THREADID"
  | "PREVIEW";

/** From `start`, at most `count` bytes. */
export interface Partial {
  readonly start: number;
  readonly count: number;
}

export type FetchItem =
  | { readonly kind: "simple"; readonly name: SimpleItem }
  | {
      readonly kind: "section";
      /** As it stands in the answer: "BODY[1.MIME]<0>", "RFC822.TEXT", "BINARY[2]". */
      readonly label: string;
      readonly section: Section;
      readonly partial: Partial | undefined;
      /** Fetching it does not set \Seen. */
      readonly isPeek: boolean;
      /** Without its Content-Transfer-Encoding, as literal8 where needed (RFC 3516 §4.2). */
      readonly isBinary: boolean;
    }
  | { readonly kind: "binarySize"; readonly label: string; readonly part: readonly number[] };

export interface FetchArgs {
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  /** CHANGEDSINCE (RFC 7162 §3.1.4.1). */
  readonly changedSince: number | undefined;
  /** VANISHED (RFC 7162 §3.2.6). */
  readonly wantsVanished: boolean;
  /** PARTIAL (RFC 9394 §3.3): of the messages of the set, only those at these places. */
  readonly page: PartialRange | undefined;
}

const macros: ReadonlyMap<string, readonly SimpleItem[]> = new Map([
  ["ALL", ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"]],
  ["FAST", ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]],
  ["FULL", ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"]],
]);

const simpleItems: ReadonlyMap<string, SimpleItem> = new Map(
  (
    [
      "UID",
      "FLAGS",
      "INTERNALDATE",
      "RFC822.SIZE",
      "ENVELOPE",
      "BODYSTRUCTURE",
      "BODY",
      "MODSEQ",
      "SAVEDATE",
      "EMAILID",
      "THREADID",
      "PREVIEW",
    ] as const
  ).map((name) => [name, name]),
);

/** The RFC 3501 names of sections, which answer under their own name. */
const oldSections: ReadonlyMap<string, readonly [section: Section, isPeek: boolean]> = new Map([
  ["RFC822", [{ part: [], text: { kind: "all" } }, false]],
  ["RFC822.HEADER", [{ part: [], text: { kind: "header" } }, true]],
  ["RFC822.TEXT", [{ part: [], text: { kind: "text" } }, false]],
]);

/** RFC 9051 §6.4.5 fetch and RFC 7162 §7 fetch-modifiers. */
export function parseFetch(scanner: Scanner): FetchArgs {
  const set = parseSequenceSet(scanner);
  scanner.space();
  const items = parseItems(scanner);
  let changedSince: number | undefined;
  let wantsVanished = false;
  let page: PartialRange | undefined;
  if (scanner.skip(" ")) {
    scanner.list(
      () => {
        const name = scanner.keyword("a FETCH modifier");
        if (name === "CHANGEDSINCE") {
          scanner.space();
          changedSince = scanner.number("a mod-sequence");
        } else if (name === "PARTIAL") {
          if (page !== undefined) throw scanner.error("PARTIAL is possible once.");
          scanner.space();
          page = parsePartialRange(scanner);
        } else if (name === "VANISHED") wantsVanished = true;
        else throw new Refusal("unsupported", "Unknown FETCH modifier.");
      },
      { allowEmpty: false, itemsMax: 8 },
    );
  }
  scanner.end();
  return { set, items, changedSince, wantsVanished, page };
}

/** "(" fetch-att … ")". */
export function parseItemList(scanner: Scanner): readonly FetchItem[] {
  const nested = scanner.list(() => parseItem(scanner), {
    allowEmpty: false,
    itemsMax: attributesMax,
  });
  return withoutRepetition(nested);
}

function parseItems(scanner: Scanner): readonly FetchItem[] {
  if (scanner.peek() === "(") return parseItemList(scanner);
  for (const [macro, names] of macros) {
    if (!scanner.looksAt(macro)) continue;
    const after = scanner.text.charCodeAt(scanner.at + macro.length);
    if (atomChar[after] === 1) continue;
    scanner.skip(macro);
    return names.map((name) => ({ kind: "simple", name }));
  }
  return [parseItem(scanner)];
}

function withoutRepetition(items: readonly FetchItem[]): FetchItem[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(item);
    return !seen.has(key) && seen.add(key);
  });
}

function parseItem(scanner: Scanner): FetchItem {
  const name = itemName(scanner);
  const isSection = scanner.peek() === "[";
  if (isSection && (name === "BODY" || name === "BODY.PEEK")) {
    return parseBodySection(scanner, name === "BODY.PEEK");
  }
  if (isSection) return parseBinary(scanner, name);
  const simple = simpleItems.get(name);
  if (simple !== undefined) {
    if (simple === "PREVIEW") skipLazy(scanner);
    return { kind: "simple", name: simple };
  }
  const old = oldSections.get(name);
  if (old === undefined) throw scanner.error("Unknown FETCH data item.");
  const [section, isPeek] = old;
  return { kind: "section", label: name, section, partial: undefined, isPeek, isBinary: false };
}

/** The name before any "[": an atom would take "[" with it. */
function itemName(scanner: Scanner): string {
  return scanner.run(itemNameChar).toUpperCase();
}

const itemNameChar = (() => {
  const table = Uint8Array.from(atomChar);
  table["[".charCodeAt(0)] = 0;
  return table;
})();

function parseBodySection(scanner: Scanner, isPeek: boolean): FetchItem {
  const { section, label } = parseSection(scanner);
  const partial = parsePartial(scanner);
  const origin = partial === undefined ? "" : `<${partial.start}>`;
  return {
    kind: "section",
    label: `BODY[${label}]${origin}`,
    section,
    partial,
    isPeek,
    isBinary: false,
  };
}

/** RFC 9051 §6.4.5, RFC 3516 §4.2: BINARY, BINARY.PEEK, BINARY.SIZE. */
function parseBinary(scanner: Scanner, name: string): FetchItem {
  if (name !== "BINARY" && name !== "BINARY.PEEK" && name !== "BINARY.SIZE") {
    throw scanner.error("Unknown FETCH data item.");
  }
  const { section } = parseSection(scanner);
  if (section.text.kind !== "all") throw scanner.error("BINARY takes a part number only.");
  const part = section.part.join(".");
  if (name === "BINARY.SIZE") {
    return { kind: "binarySize", label: `BINARY.SIZE[${part}]`, part: section.part };
  }
  const partial = parsePartial(scanner);
  return {
    kind: "section",
    label: `BINARY[${part}]${partial === undefined ? "" : `<${partial.start}>`}`,
    section,
    partial,
    isPeek: name === "BINARY.PEEK",
    isBinary: true,
  };
}

function parsePartial(scanner: Scanner): Partial | undefined {
  if (!scanner.skip("<")) return undefined;
  const start = scanner.number("the first byte");
  scanner.expect(".", '"."');
  const count = scanner.number("the byte count");
  if (count === 0) throw scanner.error("The byte count must not be 0.");
  scanner.expect(">", '">"');
  return { start, count };
}

/** RFC 8970 §3.1: previews are always at hand here, so LAZY changes nothing. */
function skipLazy(scanner: Scanner): void {
  if (scanner.looksAt(" (LAZY)")) scanner.skip(" (LAZY)");
}
