import { digit } from "./classes.ts";
import type { Scanner } from "./scanner.ts";

const names = ["MIN", "MAX", "ALL", "COUNT", "SAVE", "CONTEXT", "UPDATE", "RELEVANCY"] as const;

/**
 * Result options of SEARCH and SORT: RFC 9051 §6.4.4, RFC 4731 §3.1, RFC 5182 §2.1, RFC 5267 §4,
 * RFC 6203 §4.
 */
export type SearchReturn = (typeof names)[number];

/** Places in a result, from 1, both included; from the end of it when `isFromEnd`. */
export interface PartialRange {
  readonly first: number;
  readonly last: number;
  readonly isFromEnd: boolean;
  /** As it was asked, for the answer. */
  readonly label: string;
}

export interface ReturnOptions {
  readonly names: ReadonlySet<SearchReturn>;
  /** RFC 9394 §3.1. */
  readonly partial: PartialRange | undefined;
}

const returnNames: ReadonlyMap<string, SearchReturn> = new Map(names.map((name) => [name, name]));

const numberMax = 4_294_967_295;

/** "RETURN (…) " where it stands; undefined where it does not. Empty is ALL (RFC 9051 §6.4.4). */
export function parseReturnOptions(scanner: Scanner): ReturnOptions | undefined {
  if (!scanner.skip("RETURN ")) return undefined;
  const asked = new Set<SearchReturn>();
  let partial: PartialRange | undefined;
  const parseOption = () => {
    const word = scanner.keyword("a result option");
    if (word === "PARTIAL") {
      if (partial !== undefined) throw scanner.error("PARTIAL is possible once.");
      scanner.space();
      partial = parsePartialRange(scanner);
      return;
    }
    const name = returnNames.get(word);
    if (name === undefined) throw scanner.error("Unknown result option.");
    asked.add(name);
  };
  scanner.list(parseOption, { allowEmpty: true, itemsMax: 16 });
  scanner.space();
  if (partial !== undefined && asked.has("ALL")) {
    throw scanner.error("Either PARTIAL or ALL (RFC 9394 3.1).");
  }
  if (asked.size === 0 && partial === undefined) asked.add("ALL");
  return { names: asked, partial };
}

/** RFC 9394 §4 partial-range: "1:500", or "-1:-100" from the newest. */
export function parsePartialRange(scanner: Scanner): PartialRange {
  const start = scanner.at;
  const isFromEnd = scanner.skip("-");
  const one = place(scanner);
  scanner.expect(isFromEnd ? ":-" : ":", "a range");
  const other = place(scanner);
  return {
    first: Math.min(one, other),
    last: Math.max(one, other),
    isFromEnd,
    label: scanner.text.slice(start, scanner.at),
  };
}

function place(scanner: Scanner): number {
  const digits = scanner.run(digit);
  const value = Number(digits);
  if (digits === "" || digits.startsWith("0") || digits.length > 10 || value > numberMax) {
    throw scanner.error("Expected a range like 1:500 or -1:-100.");
  }
  return value;
}

/** What of a list is in the range, in the list's order. */
export function sliceOf<List extends { slice(start: number, end: number): List; length: number }>(
  list: List,
  { first, last, isFromEnd }: PartialRange,
): List {
  const { length } = list;
  if (first > length) return list.slice(0, 0);
  return isFromEnd
    ? list.slice(Math.max(0, length - last), length - first + 1)
    : list.slice(first - 1, Math.min(length, last));
}
