import { unreachable } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";
import { messageId, threadId } from "../../base/ids.ts";
import type { View } from "../../mailbox/view.ts";
import type { Query } from "../../search/query.ts";
import { decodeOctets } from "../grammar/scanner.ts";
import type { SearchKey } from "../grammar/search-keys.ts";
import { uidRequired } from "./command.ts";
import { savedRows } from "./rows.ts";
import type { SelectedState, Session } from "./session.ts";

/** Most sets of numbers in one search: each costs memory for every message of the mailbox. */
export const searchSetsMax = 32;

/**
 * How loosely texts inside FUZZY match: as a whole, by their words in any order, or by what is
 * left of the words when endings are taken off (grammatical cases).
 */
export type Looseness = "whole" | "words" | "stems";

export interface QueryOptions {
  /** Its saved result is "$"; none for mailboxes that are not selected. */
  readonly state: SelectedState | undefined;
  readonly looseness: Looseness;
  /**
   * Sequence numbers are turned into the UIDs that they mean in this view now, for a query that
   * is asked again later (RFC 5267 §4.3).
   */
  readonly frozenIn?: View;
}

interface Translating extends QueryOptions {
  readonly nowMs: number;
  /** RFC 9586 §3.5: sequence numbers are an error. */
  readonly isUidOnly: boolean;
  setCount: number;
}

/** The keys of RFC 9051 §6.4.4 in the one query model, as they are meant now. */
export function toQuery(key: SearchKey, session: Session, options: QueryOptions): Query {
  const nowMs = session.services.clock.now();
  return translate(key, false, {
    ...options,
    nowMs,
    isUidOnly: session.isUidOnly,
    setCount: 0,
  });
}

const nothing: Query = { kind: "not", query: { kind: "all" } };

function translate(key: SearchKey, isFuzzy: boolean, translating: Translating): Query {
  switch (key.kind) {
    case "all":
    case "flag":
    case "keyword":
    case "larger":
    case "smaller":
    case "modSeq":
      return key;
    case "and":
    case "or":
      return {
        kind: key.kind,
        queries: key.keys.map((each) => translate(each, isFuzzy, translating)),
      };
    case "not":
      return { kind: "not", query: translate(key.key, isFuzzy, translating) };
    case "fuzzy":
      return translate(key.key, true, translating);
    case "filter":
      throw new Refusal("bug", "Internal error.", "a filter that was not looked up");
    case "sequence":
    case "uid":
      return translateSet(key, translating);
    case "date":
      return { kind: "date", of: key.of, startMs: key.start, endMs: key.end };
    case "younger":
    case "older":
      return translateAge(key, translating.nowMs);
    case "emailId":
      return objectId(key.id, "M", (id) => ({ kind: "message", id: messageId(id) }));
    case "threadId":
      return objectId(key.id, "T", (id) => ({ kind: "thread", id: threadId(id) }));
    case "field":
    case "header":
    case "body":
    case "text":
      return translateText(key, isFuzzy ? translating.looseness : "whole");
    default:
      return unreachable(key);
  }
}

type TextKey = Extract<SearchKey, { readonly kind: "field" | "header" | "body" | "text" }>;

/** RFC 6203 §3 leaves to us what is loose. Most words that are looked for: a bound, not a need. */
const wordsMax = 16;
/** Letters that stay of a word at least, and that are taken off a longer one. */
const stemLettersMin = 4;
const endingLetters = 2;

function translateText(key: TextKey, looseness: Looseness): Query {
  const text = decodeOctets(key.text);
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  if (looseness === "whole" || words.length === 0) return textQuery(key, text);
  const queries = words.slice(0, wordsMax).map((word) => {
    const letters = [...word];
    const kept = Math.max(stemLettersMin, letters.length - endingLetters);
    return textQuery(key, looseness === "words" ? word : letters.slice(0, kept).join(""));
  });
  return { kind: "and", queries };
}

function textQuery(key: TextKey, text: string): Query {
  switch (key.kind) {
    case "field":
      return { kind: "field", field: key.field, text };
    case "header":
      return { kind: "header", name: key.name, text };
    case "body":
    case "text":
      return { kind: key.kind, text };
  }
}

function translateSet(
  { kind, set }: Extract<SearchKey, { readonly kind: "sequence" | "uid" }>,
  translating: Translating,
): Query {
  if (++translating.setCount > searchSetsMax) {
    throw new Refusal("limit", "The search has too many sets of numbers.");
  }
  const { state, frozenIn } = translating;
  if (set.kind === "ranges") {
    if (kind === "uid") return { kind: "uids", ranges: set.ranges };
    if (translating.isUidOnly) throw uidRequired();
    return frozenIn === undefined
      ? { kind: "seqs", ranges: set.ranges }
      : { kind: "uids", ranges: frozenIn.uidRanges(frozenIn.rowsBySeq(set.ranges)) };
  }
  if (state === undefined) throw new Refusal("syntax", '"$" is of the selected mailbox only.');
  return { kind: "uids", ranges: state.view.uidRanges(savedRows(state)) };
}

/** RFC 5032 §2: at most, or at least, so many seconds ago. */
function translateAge(
  { kind, seconds }: Extract<SearchKey, { readonly kind: "younger" | "older" }>,
  nowMs: number,
): Query {
  const edgeMs = nowMs - seconds * 1000;
  return kind === "younger"
    ? { kind: "date", of: "internal", startMs: edgeMs, endMs: Infinity }
    : { kind: "date", of: "internal", startMs: -Infinity, endMs: edgeMs + 1 };
}

/** RFC 8474: an id that is none of ours is of no message. */
function objectId(id: string, letter: string, make: (id: number) => Query): Query {
  return new RegExp(`^${letter}[1-9]\\d{0,14}$`).test(id) ? make(Number(id.slice(1))) : nothing;
}
