import { unreachable } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";
import { messageId, threadId } from "../../base/ids.ts";
import type { Query } from "../../search/query.ts";
import { decodeOctets } from "../grammar/scanner.ts";
import type { SearchKey } from "../grammar/search-keys.ts";
import { uidRequired } from "./command.ts";
import { savedRows } from "./rows.ts";
import type { SelectedState, Session } from "./session.ts";

/** Most sets of numbers in one search: each costs memory for every message of the mailbox. */
export const searchSetsMax = 32;

interface Translating {
  readonly state: SelectedState;
  readonly nowMs: number;
  /** RFC 9586 §3.5: sequence numbers are an error. */
  readonly isUidOnly: boolean;
  setCount: number;
}

/** The keys of RFC 9051 §6.4.4 in the one query model, as they are meant now. */
export function toQuery(key: SearchKey, session: Session, state: SelectedState): Query {
  const nowMs = session.services.clock.now();
  return translate(key, { state, nowMs, isUidOnly: session.isUidOnly, setCount: 0 });
}

const nothing: Query = { kind: "not", query: { kind: "all" } };

function translate(key: SearchKey, translating: Translating): Query {
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
      return { kind: key.kind, queries: key.keys.map((each) => translate(each, translating)) };
    case "not":
      return { kind: "not", query: translate(key.key, translating) };
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
      return { kind: "field", field: key.field, text: decodeOctets(key.text) };
    case "header":
      return { kind: "header", name: key.name, text: decodeOctets(key.text) };
    case "body":
    case "text":
      return { kind: key.kind, text: decodeOctets(key.text) };
    default:
      return unreachable(key);
  }
}

function translateSet(
  { kind, set }: Extract<SearchKey, { readonly kind: "sequence" | "uid" }>,
  translating: Translating,
): Query {
  if (++translating.setCount > searchSetsMax) {
    throw new Refusal("limit", "The search has too many sets of numbers.");
  }
  if (set.kind === "ranges") {
    if (kind === "sequence" && translating.isUidOnly) throw uidRequired();
    return { kind: kind === "uid" ? "uids" : "seqs", ranges: set.ranges };
  }
  const { state } = translating;
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
