import { Refusal } from "../../base/faults.ts";
import type { SortCriterion, SortKey } from "../../search/sort.ts";
import type { ThreadAlgorithm } from "../../search/thread.ts";
import { parseReturnOptions } from "./return-options.ts";
import { parseCharset, type SearchArguments } from "./search-arguments.ts";
import { parseSearchKeys, type SearchKey } from "./search-keys.ts";
import type { Scanner } from "./scanner.ts";

/** Most sort criteria in one command: each key once in each direction. */
export const criteriaMax = 20;

export interface SortArguments extends SearchArguments {
  readonly criteria: readonly SortCriterion[];
  readonly charset: string;
}

const sortKeys: ReadonlyMap<string, SortKey> = new Map([
  ["ARRIVAL", "arrival"],
  ["CC", "cc"],
  ["DATE", "date"],
  ["FROM", "from"],
  ["SIZE", "size"],
  ["SUBJECT", "subject"],
  ["TO", "to"],
  ["DISPLAYFROM", "displayFrom"],
  ["DISPLAYTO", "displayTo"],
]);

/** RFC 5256 §3 SORT with the keys of RFC 5957 §3 and the RETURN of RFC 5267 §3. */
export function parseSort(scanner: Scanner): SortArguments {
  const returns = parseReturnOptions(scanner);
  const criteria = scanner.list(() => parseCriterion(scanner), {
    allowEmpty: false,
    itemsMax: criteriaMax,
  });
  scanner.space();
  const charset = parseCharset(scanner);
  scanner.space();
  return { returns, criteria, charset, key: parseSearchKeys(scanner) };
}

function parseCriterion(scanner: Scanner): SortCriterion {
  let word = scanner.keyword("a sort criterion");
  const isReversed = word === "REVERSE";
  if (isReversed) {
    scanner.space();
    word = scanner.keyword("a sort criterion");
  }
  const key = sortKeys.get(word);
  if (key === undefined) throw scanner.error("Unknown sort criterion.");
  return { key, isReversed };
}

export interface ThreadArguments {
  readonly algorithm: ThreadAlgorithm;
  readonly charset: string;
  readonly key: SearchKey;
}

const algorithms: ReadonlyMap<string, ThreadAlgorithm> = new Map([
  ["ORDEREDSUBJECT", "orderedSubject"],
  ["REFERENCES", "references"],
  ["REFS", "refs"],
]);

/** RFC 5256 §3 THREAD. */
export function parseThread(scanner: Scanner): ThreadArguments {
  const algorithm = algorithms.get(scanner.keyword("a threading algorithm"));
  if (algorithm === undefined) throw new Refusal("unsupported", "Unknown threading algorithm.");
  scanner.space();
  const charset = parseCharset(scanner);
  scanner.space();
  return { algorithm, charset, key: parseSearchKeys(scanner) };
}
