import { Refusal } from "../../../base/faults.ts";
import { evaluate } from "../../../search/evaluate.ts";
import type { Query } from "../../../search/query.ts";
import { sortRows, type SortCriterion } from "../../../search/sort.ts";
import type { View } from "../../../mailbox/view.ts";
import type { ReturnOptions } from "../../grammar/return-options.ts";
import { hasKey, type SearchKey } from "../../grammar/search-keys.ts";
import type { AskedCriterion } from "../../grammar/sort-arguments.ts";
import { loggedIn } from "../command.ts";
import { toQuery, type Looseness } from "../search-query.ts";
import type { SelectedState, Session } from "../session.ts";
import { progressOf } from "./progress.ts";

export interface Searched {
  /** In the order asked for. */
  readonly rows: Uint32Array;
  /** Of each row, 1 to 100, when they were asked for (RFC 6203 §4). */
  readonly scores: readonly number[] | undefined;
  readonly query: Query;
  /** Without RELEVANCY, which only the server knows. */
  readonly criteria: readonly SortCriterion[];
}

export interface SearchOptions {
  readonly key: SearchKey;
  readonly view: View;
  /** When `view` is that of the selected mailbox. */
  readonly state: SelectedState | undefined;
  /** None is the order of the mailbox. */
  readonly criteria: readonly AskedCriterion[];
  readonly returns: ReturnOptions | undefined;
}

/** Whether scores are wanted by a search that can have none (RFC 6203 §4). */
export function permitRelevancy(
  key: SearchKey,
  returns: ReturnOptions | undefined,
  criteria: readonly AskedCriterion[],
): Refusal | undefined {
  return wantsScores(returns, criteria) && !hasKey(key, "fuzzy")
    ? new Refusal("syntax", "RELEVANCY needs a FUZZY key (RFC 6203 4).")
    : undefined;
}

function wantsScores(
  returns: ReturnOptions | undefined,
  criteria: readonly AskedCriterion[],
): boolean {
  return (
    returns?.names.has("RELEVANCY") === true || criteria.some(({ key }) => key === "relevancy")
  );
}

/** Finds, scores and sorts. */
export async function runSearch(session: Session, options: SearchOptions): Promise<Searched> {
  const { key, view, state, returns } = options;
  const { mail } = loggedIn(session);
  const { clock } = session.services;
  const progress = progressOf(session);
  const isKept = returns?.names.has("UPDATE") === true;
  const frozenIn = isKept ? { frozenIn: view } : {};
  const find = (looseness: Looseness) => toQuery(key, session, { state, looseness, ...frozenIn });
  const search = (query: Query) => evaluate({ query, rows: view, messages: mail, clock, progress });
  const query = find("stems");
  const found = await search(query);
  const criteria = options.criteria.flatMap(({ key: name, isReversed }) =>
    name === "relevancy" ? [] : [{ key: name, isReversed }],
  );
  if (!wantsScores(returns, options.criteria)) {
    const rows = await sorted(found, criteria);
    return { rows, scores: undefined, query, criteria };
  }
  const scoreOf = await scoresOf(found, view, search, find);
  const byScore = await sortedByScore(found, scoreOf);
  return { rows: byScore, scores: Array.from(byScore, scoreOf), query, criteria };

  async function sorted(rows: Uint32Array, by: readonly SortCriterion[]): Promise<Uint32Array> {
    if (by.length === 0) return rows;
    const { columns } = view;
    return sortRows({ rows, criteria: by, columns, messages: mail, clock });
  }

  /** Criteria before RELEVANCY come first, then the best, then those behind it. */
  async function sortedByScore(
    rows: Uint32Array,
    score: (row: number) => number,
  ): Promise<Uint32Array> {
    const at = options.criteria.findIndex(({ key: name }) => name === "relevancy");
    const rest = await sorted(rows, at < 0 ? criteria : criteria.slice(at));
    if (at < 0) return rest;
    const sign = options.criteria[at]?.isReversed === true ? -1 : 1;
    const best = rest.toSorted((a, b) => sign * (score(b) - score(a)));
    // Equals stay in the order given.
    return at === 0 ? best : sorted(best, criteria.slice(0, at));
  }
}

/** What a match is worth by how much had to be let through (RFC 6203 §4). */
const scoreOfLooseness = { whole: 100, words: 60, stems: 20 } as const;

async function scoresOf(
  found: Uint32Array,
  view: View,
  search: (query: Query) => Promise<Uint32Array>,
  find: (looseness: Looseness) => Query,
): Promise<(row: number) => number> {
  const scores = new Map<number, number>();
  const ranges = view.uidRanges(found);
  for (const looseness of ["words", "whole"] as const) {
    const query: Query = { kind: "and", queries: [{ kind: "uids", ranges }, find(looseness)] };
    for (const row of await search(query)) scores.set(row, scoreOfLooseness[looseness]);
  }
  return (row) => scores.get(row) ?? scoreOfLooseness.stems;
}
