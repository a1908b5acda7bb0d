import { Refusal } from "../../base/faults.ts";
import type { SortKey } from "../../search/sort.ts";
import type { ThreadAlgorithm } from "../../search/thread.ts";
import { parseReturnOptions } from "./return-options.ts";
import { parseCharset, type SearchArguments } from "./search-arguments.ts";
import { parseSearchKeys, type SearchKey } from "./search-keys.ts";
import type { Scanner } from "./scanner.ts";

/** Most sort criteria in one command: each key once in each direction. */
export const criteriaMax = 20;

/** RFC 6203 §6 RELEVANCY is known to the server only, which has the scores. */
export interface AskedCriterion {
  readonly key: SortKey | "relevancy";
  readonly isReversed: boolean;
}

export interface SortArguments extends SearchArguments {
  readonly criteria: readonly AskedCriterion[];
  readonly charset: string;
}

const sortKeys: ReadonlyMap<string, AskedCriterion["key"]> = new Map([
  ["ARRIVAL", "arrival"],
  ["CC", "cc"],
  ["DATE", "date"],
  ["FROM", "from"],
  ["SIZE", "size"],
  ["SUBJECT", "subject"],
  ["TO", "to"],
  ["DISPLAYFROM", "displayFrom"],
  ["DISPLAYTO", "displayTo"],
  ["RELEVANCY", "relevancy"],
]);

/** RFC 5256 §3 SORT with the keys of RFC 5957 §3 and the RETURN of RFC 5267 §3, RELEVANCY of 6203. */
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

function parseCriterion(scanner: Scanner): AskedCriterion {
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
