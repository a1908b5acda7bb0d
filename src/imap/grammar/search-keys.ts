import { Refusal } from "../../base/faults.ts";
import { flagBits } from "../../store/mail-changes.ts";
import { parseDate } from "./dates.ts";
import { parseSequenceSet, type SequenceSet } from "./sequence-set.ts";
import { nestingMax, type Scanner } from "./scanner.ts";

/** Most keys in one search, at all depths together. */
export const searchKeysMax = 1000;

/** Header fields that have keys of their own. */
export type SearchField = "bcc" | "cc" | "from" | "subject" | "to";

/** RFC 9051 §6.4.4 search-key, with RFC 5032, 7162 §3.1.5, 8474 §5.4, 8514 §4.2, 6203 §3. Text is octets. */
export type SearchKey =
  | { readonly kind: "all" }
  | { readonly kind: "and"; readonly keys: readonly SearchKey[] }
  | { readonly kind: "or"; readonly keys: readonly [SearchKey, SearchKey] }
  | { readonly kind: "not"; readonly key: SearchKey }
  | { readonly kind: "sequence"; readonly set: SequenceSet }
  | { readonly kind: "uid"; readonly set: SequenceSet }
  | { readonly kind: "flag"; readonly bit: number; readonly isSet: boolean }
  | { readonly kind: "keyword"; readonly keyword: string; readonly isSet: boolean }
  | { readonly kind: "larger" | "smaller"; readonly bytes: number }
  /** `start` (included) to `end` (excluded), milliseconds since 1970. */
  | { readonly kind: "date"; readonly of: SearchDate; readonly start: number; readonly end: number }
  /** Internal date at most, or at least, so many seconds ago. */
  | { readonly kind: "younger" | "older"; readonly seconds: number }
  | { readonly kind: "field"; readonly field: SearchField; readonly text: string }
  | { readonly kind: "header"; readonly name: string; readonly text: string }
  | { readonly kind: "body" | "text"; readonly text: string }
  | { readonly kind: "modSeq"; readonly atLeast: number }
  | { readonly kind: "emailId" | "threadId"; readonly id: string }
  /** RFC 5466 §3.1: criteria that the account keeps under a name. */
  | { readonly kind: "filter"; readonly name: string }
  /** RFC 6203 §3: what is in it may match loosely. */
  | { readonly kind: "fuzzy"; readonly key: SearchKey };

/** Date of arrival, of the Date header, or of when it came into the mailbox. */
export type SearchDate = "internal" | "sent" | "saved";

const dayMs = 86_400_000;
const numberMax = 4_294_967_295;

type KeyParser = (scanner: Scanner, depth: Depth) => SearchKey;

/** Keys so far, and parentheses, NOT and OR around the place. */
interface Depth {
  count: number;
  readonly level: number;
}

/** search-key *(SP search-key); all must match. */
export function parseSearchKeys(scanner: Scanner): SearchKey {
  const keys = parseKeyList(scanner, { count: 0, level: 0 });
  scanner.end();
  return keys;
}

function parseKeyList(scanner: Scanner, depth: Depth): SearchKey {
  const keys: SearchKey[] = [];
  do keys.push(parseKey(scanner, depth));
  while (scanner.skip(" "));
  const [only] = keys;
  return keys.length === 1 && only !== undefined ? only : { kind: "and", keys };
}

function parseKey(scanner: Scanner, depth: Depth): SearchKey {
  if (++depth.count > searchKeysMax) throw new Refusal("limit", "The search has too many keys.");
  if (depth.level > nestingMax) throw scanner.error("The search is nested too deep.");
  const next = scanner.peek();
  if (next === "(") {
    scanner.open();
    const inner: Depth = { count: depth.count, level: depth.level + 1 };
    const keys = parseKeyList(scanner, inner);
    depth.count = inner.count;
    scanner.close();
    return keys;
  }
  if (/[\d*$]/.test(next)) return { kind: "sequence", set: parseSequenceSet(scanner) };
  const parse = parsers.get(scanner.keyword("a search key"));
  if (parse === undefined) throw scanner.error("Unknown search key.");
  return parse(scanner, depth);
}

/** The operand of NOT or OR. */
function parseInner(scanner: Scanner, depth: Depth): SearchKey {
  scanner.space();
  const inner: Depth = { count: depth.count, level: depth.level + 1 };
  const key = parseKey(scanner, inner);
  depth.count = inner.count;
  return key;
}

function flag(bit: number, isSet: boolean): KeyParser {
  return () => ({ kind: "flag", bit, isSet });
}

const nothing: SearchKey = { kind: "not", key: { kind: "all" } };

/** \Recent is gone in rev2 and never set here (RFC 9051 §2.3.2). */
function constant(key: SearchKey): KeyParser {
  return () => key;
}

function dateKey(of: SearchDate, compare: "before" | "on" | "since"): KeyParser {
  return (scanner) => {
    scanner.space();
    const day = parseDate(scanner);
    const start = compare === "before" ? -Infinity : day;
    const end = compare === "before" ? day : compare === "on" ? day + dayMs : Infinity;
    return { kind: "date", of, start, end };
  };
}

function textKey(make: (text: string) => SearchKey): KeyParser {
  return (scanner) => {
    scanner.space();
    return make(scanner.astring("a search text"));
  };
}

function numberKey(make: (value: number) => SearchKey, max: number): KeyParser {
  return (scanner) => {
    scanner.space();
    return make(scanner.number("a number", max));
  };
}

function keywordKey(isSet: boolean): KeyParser {
  return (scanner) => {
    scanner.space();
    return { kind: "keyword", keyword: scanner.atom("a keyword"), isSet };
  };
}

function idKey(kind: "emailId" | "threadId"): KeyParser {
  return (scanner) => {
    scanner.space();
    return { kind, id: scanner.atom("an object id") };
  };
}

const parsers: ReadonlyMap<string, KeyParser> = new Map<string, KeyParser>([
  ["ALL", constant({ kind: "all" })],
  ["ANSWERED", flag(flagBits.answered, true)],
  ["DELETED", flag(flagBits.deleted, true)],
  ["DRAFT", flag(flagBits.draft, true)],
  ["FLAGGED", flag(flagBits.flagged, true)],
  ["SEEN", flag(flagBits.seen, true)],
  ["UNANSWERED", flag(flagBits.answered, false)],
  ["UNDELETED", flag(flagBits.deleted, false)],
  ["UNDRAFT", flag(flagBits.draft, false)],
  ["UNFLAGGED", flag(flagBits.flagged, false)],
  ["UNSEEN", flag(flagBits.seen, false)],
  ["NEW", constant(nothing)],
  ["RECENT", constant(nothing)],
  ["OLD", constant({ kind: "all" })],
  ["KEYWORD", keywordKey(true)],
  ["UNKEYWORD", keywordKey(false)],
  ["BEFORE", dateKey("internal", "before")],
  ["ON", dateKey("internal", "on")],
  ["SINCE", dateKey("internal", "since")],
  ["SENTBEFORE", dateKey("sent", "before")],
  ["SENTON", dateKey("sent", "on")],
  ["SENTSINCE", dateKey("sent", "since")],
  ["SAVEDBEFORE", dateKey("saved", "before")],
  ["SAVEDON", dateKey("saved", "on")],
  ["SAVEDSINCE", dateKey("saved", "since")],
  ["SAVEDATESUPPORTED", constant({ kind: "all" })],
  ["BCC", textKey((text) => ({ kind: "field", field: "bcc", text }))],
  ["CC", textKey((text) => ({ kind: "field", field: "cc", text }))],
  ["FROM", textKey((text) => ({ kind: "field", field: "from", text }))],
  ["SUBJECT", textKey((text) => ({ kind: "field", field: "subject", text }))],
  ["TO", textKey((text) => ({ kind: "field", field: "to", text }))],
  ["BODY", textKey((text) => ({ kind: "body", text }))],
  ["TEXT", textKey((text) => ({ kind: "text", text }))],
  ["LARGER", numberKey((bytes) => ({ kind: "larger", bytes }), Number.MAX_SAFE_INTEGER)],
  ["SMALLER", numberKey((bytes) => ({ kind: "smaller", bytes }), Number.MAX_SAFE_INTEGER)],
  ["YOUNGER", numberKey((seconds) => ({ kind: "younger", seconds }), numberMax)],
  ["OLDER", numberKey((seconds) => ({ kind: "older", seconds }), numberMax)],
  ["EMAILID", idKey("emailId")],
  ["THREADID", idKey("threadId")],
  ["FILTER", parseFilterKey],
  ["HEADER", parseHeaderKey],
  ["MODSEQ", parseModSeqKey],
  ["UID", parseUidKey],
  ["NOT", (scanner, depth) => ({ kind: "not", key: parseInner(scanner, depth) })],
  ["OR", parseOrKey],
  ["FUZZY", (scanner, depth) => ({ kind: "fuzzy", key: parseInner(scanner, depth) })],
]);

function parseHeaderKey(scanner: Scanner): SearchKey {
  scanner.space();
  const name = scanner.astring("a header name");
  scanner.space();
  return { kind: "header", name: name.toLowerCase(), text: scanner.astring("a search text") };
}

/** RFC 5466 §4 filter-name. */
function parseFilterKey(scanner: Scanner): SearchKey {
  scanner.space();
  const name = scanner.atom("the name of a filter");
  if (name.includes("/")) throw scanner.error("A filter's name has no slash.");
  return { kind: "filter", name };
}

function parseUidKey(scanner: Scanner): SearchKey {
  scanner.space();
  return { kind: "uid", set: parseSequenceSet(scanner) };
}

function parseOrKey(scanner: Scanner, depth: Depth): SearchKey {
  const first = parseInner(scanner, depth);
  return { kind: "or", keys: [first, parseInner(scanner, depth)] };
}

/** RFC 7162 §3.1.5: the entry name and type change nothing, since all flags share one number. */
function parseModSeqKey(scanner: Scanner): SearchKey {
  scanner.space();
  if (scanner.peek() === '"') {
    scanner.string("an entry name");
    scanner.space();
    const type = scanner.keyword("an entry type");
    if (!["ALL", "PRIV", "SHARED"].includes(type)) throw scanner.error("Unknown entry type.");
    scanner.space();
  }
  return { kind: "modSeq", atLeast: scanner.number("a mod-sequence") };
}

/** Whether a mod-sequence is asked for: then CONDSTORE is on, and the answer has the highest. */
export function usesModSeq(key: SearchKey): boolean {
  return hasKey(key, "modSeq");
}

/** Whether there is a key of the kind, at any depth. */
export function hasKey(key: SearchKey, kind: SearchKey["kind"]): boolean {
  if (key.kind === kind) return true;
  switch (key.kind) {
    case "and":
    case "or":
      return key.keys.some((each) => hasKey(each, kind));
    case "not":
    case "fuzzy":
      return hasKey(key.key, kind);
    default:
      return false;
  }
}
