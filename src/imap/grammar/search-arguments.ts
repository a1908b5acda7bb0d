import { filtersMax, parseMailboxFilter, type MailboxFilter } from "./mailbox-filter.ts";
import { parseReturnOptions, type ReturnOptions } from "./return-options.ts";
import { parseSearchKeys, type SearchKey } from "./search-keys.ts";
import type { Scanner } from "./scanner.ts";

export interface SearchArguments {
  /** Undefined: no RETURN was given. */
  readonly returns: ReturnOptions | undefined;
  /** Upper case, as given. */
  readonly charset: string | undefined;
  readonly key: SearchKey;
}

/** RFC 9051 §6.4.4, RFC 4731 §3.1, RFC 5182 §2.1, RFC 9394 §3.1. */
export function parseSearch(scanner: Scanner): SearchArguments {
  const returns = parseReturnOptions(scanner);
  let charset: string | undefined;
  if (scanner.skip("CHARSET ")) {
    charset = parseCharset(scanner);
    scanner.space();
  }
  return { returns, charset, key: parseSearchKeys(scanner) };
}

export function parseCharset(scanner: Scanner): string {
  return scanner.astring("a charset").toUpperCase();
}

export interface MultiSearchArguments extends SearchArguments {
  /** Where to search; the selected mailbox when nothing was said. */
  readonly sources: readonly MailboxFilter[];
}

/** RFC 7377 §4 esearch; there are no scope options yet. */
export function parseMultiSearch(scanner: Scanner): MultiSearchArguments {
  let sources: readonly MailboxFilter[] = [{ kind: "selected" }];
  if (scanner.skip("IN ")) {
    const parseSource = () => {
      const source = parseMailboxFilter(scanner);
      if (source.kind === "selectedDelayed") throw scanner.error("Not possible in a search.");
      return source;
    };
    sources = scanner.list(parseSource, { allowEmpty: false, itemsMax: filtersMax });
    scanner.space();
  }
  return { sources, ...parseSearch(scanner) };
}
