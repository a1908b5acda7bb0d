import { Refusal } from "../../base/faults.ts";
import type { AccountMail } from "../../mailbox/account-mail.ts";
import { Scanner } from "../grammar/scanner.ts";
import { hasKey, parseSearchKeys, type SearchKey } from "../grammar/search-keys.ts";
import { CodedRefusal } from "./replies.ts";

/** Filters within filters: RFC 5466 §3.1 wants at least 3. */
const depthMax = 5;
/** Filters in one search, at all depths. */
const filtersMax = 50;

const prefixes = ["/private/filters/values/", "/shared/filters/values/"] as const;

/** The filter whose criteria an entry of the account holds (RFC 5466 §3.2). */
export function filterOf(entry: string): string | undefined {
  const prefix = prefixes.find((each) => entry.startsWith(each));
  const name = prefix === undefined ? undefined : entry.slice(prefix.length);
  return name === undefined || name.includes("/") ? undefined : name;
}

/** RFC 5466 §3.2: what is no search is not kept as one. @throws Refusal. */
export function checkFilter(criteria: string): void {
  parseCriteria(criteria);
}

function parseCriteria(criteria: string): SearchKey {
  try {
    return parseSearchKeys(new Scanner(criteria));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new CodedRefusal("rejectedContent", "CANNOT", `This is no search: ${error.text}`);
  }
}

/**
 * Puts the criteria of filters where their names stand (RFC 5466 §3.1).
 * @throws CodedRefusal UNDEFINED-FILTER for one that does not exist, or that leads to itself.
 */
export async function withFilters(mail: AccountMail, key: SearchKey): Promise<SearchKey> {
  if (!hasKey(key, "filter")) return key;
  const values = await mail.annotations("");
  const counter = { left: filtersMax };
  return expand(key, 0);

  function expand(at: SearchKey, depth: number): SearchKey {
    switch (at.kind) {
      case "filter":
        return expandFilter(at.name, depth);
      case "and":
        return { kind: "and", keys: at.keys.map((each) => expand(each, depth)) };
      case "or":
        return { kind: "or", keys: [expand(at.keys[0], depth), expand(at.keys[1], depth)] };
      case "not":
      case "fuzzy":
        return { kind: at.kind, key: expand(at.key, depth) };
      default:
        return at;
    }
  }

  function expandFilter(name: string, depth: number): SearchKey {
    const entry = prefixes
      .map((prefix) => values.get(prefix + name.toLowerCase()))
      .find((value) => value !== undefined);
    if (entry === undefined || depth >= depthMax || counter.left-- <= 0) {
      throw new CodedRefusal("noSuchMessage", `UNDEFINED-FILTER ${name}`, "No such filter.");
    }
    return expand(parseCriteria(entry), depth + 1);
  }
}
