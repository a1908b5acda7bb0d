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
