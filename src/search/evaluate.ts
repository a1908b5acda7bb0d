import type { Clock } from "../base/clock.ts";
import { messageId } from "../base/ids.ts";
import type { MessageId } from "../base/ids.ts";
import { messageLimits } from "../message/limits.ts";
import { type Compiled, compile, type Need } from "./evaluating/compile.ts";
import { foldedBody, foldedFields } from "./evaluating/read-content.ts";
import type { Facts } from "./evaluating/verdict.ts";
import type { Query } from "./query.ts";
import type { SearchMessages, SearchRows } from "./source.ts";
import { Turns } from "./turns.ts";

/** Messages whose fields are read from the store at once; text, and whole messages, are large. */
const chunkSizes: Readonly<Record<Need, number>> = {
  light: 5000,
  headers: 1000,
  envelope: 1000,
  body: 200,
  fields: 16,
  content: 1,
};
/** Longest header that is read, bytes: the limit of the message room. */
const { headerBytesMax } = messageLimits;

export interface EvaluateOptions {
  readonly query: Query;
  /** The view must not take in expunges before the search has ended: rows would move. */
  readonly rows: SearchRows;
  readonly messages: SearchMessages;
  readonly clock: Clock;
  /** Told now and then how many of the messages that must be read have been. */
  readonly progress?: (done: number, goal: number) => void;
  /** Rejects the search with its reason when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * The rows that match, in order. What the columns tell comes first; the store is read only for
 * rows that they leave open, cheapest fields first, and a message itself only for what no field
 * has. Substring semantics on folded text (RFC 9051 §6.4.4 wants at least case-insensitive).
 */
export async function evaluate(options: EvaluateOptions): Promise<Uint32Array> {
  const { rows, query } = options;
  const compiled = compile(query, rows);
  const turns = new Turns(options.clock, options.signal);
  const found: number[] = [];
  const open: Facts[] = [];
  const columnFacts: Facts = { row: 0 };
  for (const row of rows.allRows()) {
    columnFacts.row = row;
    const verdict = compiled.test(columnFacts);
    if (verdict === "yes") found.push(row);
    else if (verdict === "maybe") open.push({ row });
  }
  // In chunks through all stages, so that the texts of a large mailbox are never held together.
  const needs = needOrder.filter((need) => compiled.needs.has(need));
  for (let at = 0; at < open.length; at += chunkSizes.light) {
    const chunk = open.slice(at, at + chunkSizes.light);
    turns.onTurn = () => options.progress?.(at, open.length);
    found.push(...(await settle(chunk, needs, compiled, options, turns)));
  }
  return Uint32Array.from(found).sort();
}

const needOrder: readonly Need[] = ["light", "headers", "envelope", "body", "fields", "content"];

/** Reads what is needed next for the open rows, and goes on with those it leaves open. */
async function settle(
  open: readonly Facts[],
  needs: readonly Need[],
  compiled: Compiled,
  options: EvaluateOptions,
  turns: Turns,
): Promise<number[]> {
  const [need, ...later] = needs;
  if (need === undefined || open.length === 0) return [];
  const found: number[] = [];
  const size = chunkSizes[need];
  for (let at = 0; at < open.length; at += size) {
    await turns.take();
    const chunk = open.slice(at, at + size);
    await read(chunk, need, options);
    const left: Facts[] = [];
    for (const facts of chunk) {
      if (facts.isGone === true) continue;
      const verdict = compiled.test(facts);
      if (verdict === "yes") found.push(facts.row);
      else if (verdict === "maybe") left.push(facts);
    }
    found.push(...(await settle(left, later, compiled, options, turns)));
    for (const facts of chunk) facts[need] = undefined;
  }
  return found;
}

async function read(chunk: readonly Facts[], need: Need, options: EvaluateOptions): Promise<void> {
  const { rows, messages } = options;
  const ids = chunk.map(({ row }) => messageId(rows.columns.messageIds[row] ?? 0));
  switch (need) {
    case "light": {
      const fields = ["sentAtMs", "thread", "hasAttachment"] as const;
      return put(chunk, await messages.messages(ids, fields), (facts, light) => {
        facts.light = light;
      });
    }
    case "headers":
      return put(chunk, await messages.messages(ids, ["searchHeaders"]), (facts, fields) => {
        facts.headers = fields.searchHeaders;
      });
    case "envelope":
      return put(chunk, await messages.messages(ids, ["envelope"]), (facts, fields) => {
        facts.envelope = fields.envelope;
      });
    case "body":
      return put(chunk, await messages.messages(ids, ["search"]), (facts, { search }) => {
        facts.body = search.body;
        facts.headers = search.headers;
      });
    case "fields":
      return put(chunk, await readAll(ids, messages, headerBytesMax), (facts, bytes) => {
        facts.fields = foldedFields(bytes);
      });
    case "content":
      return put(chunk, await readAll(ids, messages, Infinity), (facts, bytes) => {
        facts.content = foldedBody(bytes);
      });
  }
}

/** Messages from their first byte to `end`. */
async function readAll(
  ids: readonly MessageId[],
  messages: SearchMessages,
  end: number,
): Promise<(Uint8Array | undefined)[]> {
  const found = await messages.messages(ids, ["body"]);
  const readings = found.map(async (fields) =>
    fields === undefined ? undefined : messages.readBody(fields.body, 0, end),
  );
  return Promise.all(readings);
}

function put<Fields>(
  chunk: readonly Facts[],
  found: readonly (Fields | undefined)[],
  take: (facts: Facts, fields: Fields) => void,
): void {
  chunk.forEach((facts, at) => {
    const fields = found[at];
    if (fields === undefined) facts.isGone = true;
    else take(facts, fields);
  });
}
