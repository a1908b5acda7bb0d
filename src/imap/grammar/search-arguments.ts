import { parseSearchKeys, type SearchKey } from "./search-keys.ts";
import type { Scanner } from "./scanner.ts";

export type SearchReturn = "MIN" | "MAX" | "ALL" | "COUNT" | "SAVE";

export interface SearchArguments {
  /** Undefined: no RETURN was given. Empty "RETURN ()" is ALL (RFC 9051 §6.4.4). */
  readonly returns: ReadonlySet<SearchReturn> | undefined;
  /** Upper case, as given. */
  readonly charset: string | undefined;
  readonly key: SearchKey;
}

const returnNames: ReadonlyMap<string, SearchReturn> = new Map(
  (["MIN", "MAX", "ALL", "COUNT", "SAVE"] as const).map((name) => [name, name]),
);

/** RFC 9051 §6.4.4, RFC 4731 §3.1, RFC 5182 §2.1. */
export function parseSearch(scanner: Scanner): SearchArguments {
  let returns: ReadonlySet<SearchReturn> | undefined;
  if (scanner.skip("RETURN ")) {
    const asked = scanner.list(
      () => {
        const name = returnNames.get(scanner.keyword("a result option"));
        if (name === undefined) throw scanner.error("Unknown result option.");
        return name;
      },
      { allowEmpty: true, itemsMax: 16 },
    );
    returns = new Set(asked.length === 0 ? ["ALL"] : asked);
    scanner.space();
  }
  let charset: string | undefined;
  if (scanner.skip("CHARSET ")) {
    charset = scanner.astring("a charset").toUpperCase();
    scanner.space();
  }
  return { returns, charset, key: parseSearchKeys(scanner) };
}
