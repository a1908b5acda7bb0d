import type { FetchItem } from "../../grammar/fetch-attributes.ts";
import type { Query } from "../../../search/query.ts";
import { hasSorted } from "../../../mailbox/uid-ranges.ts";
import type { SortCriterion } from "../../../search/sort.ts";

/** Searches whose results a session may have kept up to date at once. */
export const contextsMax = 16;
/** Messages in the results of all of them; the first may have as many as it likes. */
export const contextUidsMax = 250_000;
/** Messages in a sorted one: each change sorts them anew. */
export const sortedContextRowsMax = 20_000;

/** A search with UPDATE: what its client knows of its result (RFC 5267 §4.3). */
export interface SearchContext {
  readonly tag: string;
  readonly isUid: boolean;
  /** Sequence numbers in it were turned into UIDs when it was asked. */
  readonly query: Query;
  /** None is the order of the mailbox. */
  readonly criteria: readonly SortCriterion[];
  /** What is told of each new message that comes into it (RFC 5465 §7). */
  readonly items: readonly FetchItem[];
  /** UIDs in the order of the result: rising without criteria. */
  uids: number[];
}

/** The contexts of a selected mailbox, and what has changed since they were last brought up. */
export interface SearchContexts {
  readonly byTag: Map<string, SearchContext>;
  /** UIDs of messages that are new or have other flags. */
  readonly dirty: Set<number>;
}

/** Tells whether a result, as it now is, has a message. */
export function membership({ uids, criteria }: SearchContext): (uid: number) => boolean {
  if (criteria.length === 0) return (uid) => hasSorted(uids, uid);
  const known = new Set(uids);
  return (uid) => known.has(uid);
}

export function noContexts(): SearchContexts {
  return { byTag: new Map(), dirty: new Set() };
}
