import { foldText } from "../../message/fold.ts";
import type { Query } from "../query.ts";
import type { SearchRows } from "../source.ts";
import { fieldText, isTruncatedText } from "../search-text.ts";
import { sentTest } from "./sent-test.ts";
import { type Facts, type Test, type Verdict, verdictOf } from "./verdict.ts";

/** Kinds of facts, cheapest first; each is read for the rows that the ones before left open. */
export type Need = "light" | "headers" | "envelope" | "body" | "fields" | "content";

export interface Compiled {
  readonly test: Test;
  readonly needs: ReadonlySet<Need>;
}

/**
 * Header text up to this length is all of it: the digest stops adding fields a little above, and
 * folding makes it at most this much shorter.
 */
const wholeHeadersLength = 16 * 1024;

/** A query as functions over facts. Sets and texts are prepared once, not for each message. */
export function compile(query: Query, rows: SearchRows): Compiled {
  const needs = new Set<Need>();
  return { test: testOf(query, { rows, needs }), needs };
}

interface Context {
  readonly rows: SearchRows;
  readonly needs: Set<Need>;
}

function testOf(query: Query, context: Context): Test {
  const { rows, needs } = context;
  switch (query.kind) {
    case "all":
      return () => "yes";
    case "and":
      return every(query.queries.map((each) => testOf(each, context)));
    case "or": {
      const none = every(query.queries.map((each) => not(testOf(each, context))));
      return not(none);
    }
    case "not":
      return not(testOf(query.query, context));
    case "seqs":
      return memberTest(rows.rowsBySeq(query.ranges));
    case "uids":
      return memberTest(rows.rowsByUid(query.ranges));
    case "flag":
      return ({ row }) =>
        verdictOf((((rows.columns.systemFlags[row] ?? 0) & query.bit) !== 0) === query.isSet);
    case "keyword":
      return keywordTest(rows, query.keyword, query.isSet);
    case "larger":
      return ({ row }) => verdictOf((rows.columns.sizes[row] ?? 0) > query.bytes);
    case "smaller":
      return ({ row }) => verdictOf((rows.columns.sizes[row] ?? 0) < query.bytes);
    case "modSeq":
      return ({ row }) => verdictOf((rows.columns.modSeqs[row] ?? 0) >= query.atLeast);
    case "message":
      return ({ row }) => verdictOf(rows.columns.messageIds[row] === query.id);
    case "date": {
      if (query.of === "sent") {
        needs.add("light").add("envelope");
        return sentTest(query.startMs, query.endMs);
      }
      const column = query.of === "internal" ? "internalDatesMs" : "savedAtMs";
      return ({ row }) => {
        const atMs = rows.columns[column][row] ?? 0;
        return verdictOf(atMs >= query.startMs && atMs < query.endMs);
      };
    }
    case "thread":
      needs.add("light");
      return ({ light }) => (light === undefined ? "maybe" : verdictOf(light.thread === query.id));
    case "attachment":
      needs.add("light");
      return ({ light }) =>
        light === undefined ? "maybe" : verdictOf(light.hasAttachment === query.hasSome);
    default:
      return textTest(query, needs);
  }
}

type TextQuery = Extract<Query, { readonly kind: "field" | "header" | "body" | "text" }>;

function textTest(query: TextQuery, needs: Set<Need>): Test {
  const wanted = foldText(query.text);
  switch (query.kind) {
    case "field":
      needs.add("headers");
      return ({ headers }) => {
        if (headers === undefined) return "maybe";
        if (!headers.includes(wanted)) return "no";
        const text = fieldText(headers, query.field);
        return verdictOf(wanted === "" ? text !== "" : text.includes(wanted));
      };
    case "header":
      needs.add("headers").add("fields");
      return headerTest(query.name.toLowerCase(), wanted);
    case "body":
      needs.add("body").add("content");
      return (facts) => bodyVerdict(facts, wanted);
    case "text":
      needs.add("body").add("content");
      return (facts) => {
        if (facts.headers?.includes(wanted) === true) return "yes";
        const inBody = bodyVerdict(facts, wanted);
        return inBody === "no" && facts.headers === undefined ? "maybe" : inBody;
      };
  }
}

function bodyVerdict({ body, content }: Facts, wanted: string): Verdict {
  if (content !== undefined) return verdictOf(content.includes(wanted));
  if (body === undefined) return "maybe";
  if (body.includes(wanted)) return "yes";
  return isTruncatedText(body) ? "maybe" : "no";
}

/**
 * The stored header text can only say no, and only of a field that it has: the digest leaves out
 * signatures and traces. Everything else is looked up in the message.
 */
function headerTest(name: string, wanted: string): Test {
  const label = foldText(`${name}:`);
  return ({ headers, fields }) => {
    if (fields !== undefined) {
      return verdictOf(fields.get(name)?.some((value) => value.includes(wanted)) === true);
    }
    if (headers === undefined || headers.length > wholeHeadersLength) return "maybe";
    return headers.includes(label) && !headers.includes(wanted) ? "no" : "maybe";
  };
}

function every(tests: readonly Test[]): Test {
  return (facts) => {
    let verdict: Verdict = "yes";
    for (const test of tests) {
      const next = test(facts);
      if (next === "no") return "no";
      if (next === "maybe") verdict = "maybe";
    }
    return verdict;
  };
}

function not(test: Test): Test {
  return (facts) => {
    const verdict = test(facts);
    return verdict === "maybe" ? "maybe" : verdictOf(verdict === "no");
  };
}

function memberTest(members: Uint32Array): Test {
  const isMember = new Uint8Array((members.at(-1) ?? -1) + 1);
  for (const row of members) isMember[row] = 1;
  return ({ row }) => verdictOf(isMember[row] === 1);
}

function keywordTest(rows: SearchRows, keyword: string, isSet: boolean): Test {
  const wanted = keyword.toLowerCase();
  const known = new Map<number, Verdict>();
  return ({ row }) => {
    const set = rows.columns.keywordSet[row] ?? 0;
    let verdict = known.get(set);
    if (verdict === undefined) {
      const { keywords } = rows.flagsOfRow(row);
      const hasIt = keywords.some((each) => each.toLowerCase() === wanted);
      known.set(set, (verdict = verdictOf(hasIt === isSet)));
    }
    return verdict;
  };
}
