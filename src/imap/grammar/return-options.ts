import { parseItemList, type FetchItem } from "./fetch-attributes.ts";
import { parsePartialRange, type PartialRange } from "./partial-range.ts";
import type { Scanner } from "./scanner.ts";

const names = ["MIN", "MAX", "ALL", "COUNT", "SAVE", "CONTEXT", "UPDATE", "RELEVANCY"] as const;

/**
 * Result options of SEARCH and SORT: RFC 9051 §6.4.4, RFC 4731 §3.1, RFC 5182 §2.1, RFC 5267 §4,
 * RFC 6203 §4.
 */
export type SearchReturn = (typeof names)[number];

export interface ReturnOptions {
  readonly names: ReadonlySet<SearchReturn>;
  /** RFC 9394 §3.1. */
  readonly partial: PartialRange | undefined;
  /** What UPDATE tells of each new message (RFC 5465 §7). */
  readonly updateItems: readonly FetchItem[];
}

const returnNames: ReadonlyMap<string, SearchReturn> = new Map(names.map((name) => [name, name]));

/** "RETURN (…) " where it stands; undefined where it does not. Empty is ALL (RFC 9051 §6.4.4). */
export function parseReturnOptions(scanner: Scanner): ReturnOptions | undefined {
  if (!scanner.skip("RETURN ")) return undefined;
  const asked = new Set<SearchReturn>();
  let partial: PartialRange | undefined;
  let updateItems: readonly FetchItem[] = [];
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
    if (name === "UPDATE" && scanner.looksAt(" (")) {
      scanner.space();
      updateItems = parseItemList(scanner);
    }
  };
  scanner.list(parseOption, { allowEmpty: true, itemsMax: 16 });
  scanner.space();
  if (partial !== undefined && asked.has("ALL")) {
    throw scanner.error("Either PARTIAL or ALL (RFC 9394 3.1).");
  }
  if (asked.size === 0 && partial === undefined) asked.add("ALL");
  return { names: asked, partial, updateItems };
}
