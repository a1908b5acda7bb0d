import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromUtf8 } from "../base/bytes.ts";
import { messageId, threadId, uid } from "../base/ids.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import type { Flags } from "../store/mail-changes.ts";
import { flagBits } from "../store/mail-changes.ts";
import type { MessageBody, MessageFields } from "../store/mail.ts";
import { digestMessage } from "../message/digest.ts";
import { evaluate } from "./evaluate.ts";
import type { Query, QueryRange } from "./query.ts";
import { storedSearchText } from "./search-text.ts";
import type { SearchMessages, SearchRows } from "./source.ts";

interface Sample {
  readonly text: string;
  readonly flags?: Flags;
  readonly internalDateMs?: number;
}

/** A mailbox of samples: row n has sequence number and UID n + 1. Counts what is read. */
function mailboxOf(samples: readonly Sample[]) {
  const bytes = samples.map(({ text }) => fromUtf8(text));
  const digests = bytes.map((each) => digestMessage(each));
  const sets = samples.map(({ flags }) => flags ?? { system: 0, keywords: [] });
  const count = samples.length;
  const numbers = (make: (row: number) => number) =>
    Array.from({ length: count }, (_, row) => make(row));
  const pick = (ranges: readonly QueryRange[]) =>
    Uint32Array.from(
      numbers((row) => row).filter((row) =>
        ranges.some(([first, last]) => row + 1 >= first && row + 1 <= last),
      ),
    );
  const rows: SearchRows = {
    columns: {
      messageIds: Uint32Array.from(numbers((row) => row + 1)),
      systemFlags: Uint8Array.from(numbers((row) => sets[row]?.system ?? 0)),
      keywordSet: Uint16Array.from(numbers((row) => row)),
      modSeqs: Float64Array.from(numbers((row) => row + 10)),
      sizes: Float64Array.from(numbers((row) => bytes[row]?.length ?? 0)),
      internalDatesMs: Float64Array.from(numbers((row) => samples[row]?.internalDateMs ?? 0)),
      savedAtMs: new Float64Array(count),
    },
    allRows: () => Uint32Array.from(numbers((row) => row)),
    rowsBySeq: pick,
    rowsByUid: pick,
    flagsOfRow: (row) => sets[row] ?? { system: 0, keywords: [] },
  };
  const reads = { fields: 0, bodies: 0 };
  const fieldsOf = (id: number): Partial<MessageFields> => {
    const digest = digests[id - 1];
    assert.ok(digest !== undefined);
    const search = storedSearchText(digest.searchText);
    const body = { hash: String(id), prefix: new Uint8Array(0), bodyBytes: 0 } as unknown;
    return {
      search,
      searchHeaders: search.headers,
      envelope: digest.envelope,
      sentAtMs: digest.dateMs ?? 0,
      thread: threadId(id),
      hasAttachment: digest.hasAttachment,
      body: body as MessageBody,
    };
  };
  const messages: SearchMessages = {
    async messages(ids) {
      reads.fields += ids.length;
      return ids.map((id) => fieldsOf(id) as never);
    },
    async readBody(body, start, end) {
      reads.bodies++;
      return (bytes[Number(body.hash) - 1] ?? new Uint8Array(0)).subarray(start, end);
    },
  };
  const clock = createVirtualClock();
  const search = async (query: Query) =>
    [...(await evaluate({ query, rows, messages, clock }))].map((row) => row + 1);
  return { search, reads, rows, messages, clock };
}

const letter = (subject: string, rest = "", body = "Hello.\r\n") => ({
  text: `From: Đorđe Perić <djordje@example.rs>\r\nSubject: ${subject}\r\n${rest}\r\n${body}`,
});

test("texts match as substrings, whatever the case, accents and script", async () => {
  const { search } = mailboxOf([letter("Račun za struju"), letter("Рачун"), letter("Invoice")]);
  assert.deepEqual(await search({ kind: "field", field: "subject", text: "RACUN" }), [1, 2]);
  assert.deepEqual(await search({ kind: "field", field: "from", text: "dorde" }), [1, 2, 3]);
  assert.deepEqual(await search({ kind: "field", field: "to", text: "dorde" }), []);
  assert.deepEqual(await search({ kind: "field", field: "cc", text: "" }), []);
  assert.deepEqual(await search({ kind: "body", text: "hello" }), [1, 2, 3]);
  assert.deepEqual(await search({ kind: "body", text: "invoice" }), []);
  assert.deepEqual(await search({ kind: "text", text: "invoice" }), [3]);
});

test("what columns tell costs no reading, and narrows what is read", async () => {
  const { search, reads } = mailboxOf([
    { ...letter("a"), flags: { system: flagBits.seen, keywords: ["Work"] } },
    { ...letter("b"), internalDateMs: 5000 },
    letter("c"),
  ]);
  assert.deepEqual(await search({ kind: "flag", bit: flagBits.seen, isSet: false }), [2, 3]);
  assert.deepEqual(await search({ kind: "keyword", keyword: "work", isSet: true }), [1]);
  assert.deepEqual(await search({ kind: "modSeq", atLeast: 11 }), [2, 3]);
  assert.deepEqual(await search({ kind: "message", id: messageId(2) }), [2]);
  assert.deepEqual(await search({ kind: "date", of: "internal", startMs: 4000, endMs: 6000 }), [2]);
  const some: Query = { kind: "seqs", ranges: [[1, 1]] };
  const other: Query = { kind: "uids", ranges: [[uid(3), uid(3)]] };
  assert.deepEqual(await search({ kind: "or", queries: [some, other] }), [1, 3]);
  assert.deepEqual(await search({ kind: "not", query: { kind: "all" } }), []);
  assert.equal(reads.fields, 0);
  const inFirst: Query = { kind: "and", queries: [some, { kind: "body", text: "hello" }] };
  assert.deepEqual(await search(inFirst), [1]);
  assert.equal(reads.fields, 1);
});

test("HEADER finds any field, and reads only messages that may have it", async () => {
  const { search, reads } = mailboxOf([
    letter("a", "X-Order: 42-žuta\r\n"),
    letter("b", "X-Order: 43\r\n"),
    letter("order 42", "Received: from relay.example.net\r\n"),
  ]);
  const header = (name: string, text: string): Query => ({ kind: "header", name, text });
  assert.deepEqual(await search(header("x-order", "42-zuta")), [1]);
  assert.deepEqual(await search(header("X-Order", "")), [1, 2]);
  assert.deepEqual(await search(header("Received", "relay")), [3]);
  const before = reads.bodies;
  assert.deepEqual(await search(header("Subject", "order 42")), [3]);
  assert.equal(reads.bodies - before, 1);
});

test("days of SENTON are those that the Date field names (RFC 9051 §6.4.4)", async () => {
  const { search } = mailboxOf([
    letter("a", "Date: Thu, 1 Jan 2026 00:30:00 +0200\r\n"),
    letter("b", "Date: Thu, 1 Jan 2026 23:30:00 -0800\r\n"),
    letter("c", "Date: Fri, 2 Jan 2026 00:30:00 +0000\r\n"),
    letter("d", "Date: Thu, 1 Jan 2026 12:00:00 +0000\r\n"),
  ]);
  const startMs = Date.UTC(2026, 0, 1);
  const on = { kind: "date", of: "sent", startMs, endMs: startMs + 86_400_000 } as const;
  assert.deepEqual(await search(on), [1, 2, 4]);
  assert.deepEqual(await search({ kind: "not", query: on }), [3]);
  assert.deepEqual(await search({ ...on, endMs: Infinity }), [1, 2, 3, 4]);
});

test("a text behind the end of what is kept is still found", async () => {
  const { search, reads } = mailboxOf([letter("long", "", "x".repeat(600_000) + " needle\r\n")]);
  assert.deepEqual(await search({ kind: "body", text: "needle" }), [1]);
  assert.deepEqual(await search({ kind: "text", text: "long" }), [1]);
  assert.equal(reads.bodies, 1);
});

test("a long search can be called off, and lets others have their turn", async () => {
  const box = mailboxOf(Array.from({ length: 10 }, () => letter("a")));
  const { rows, messages } = box;
  let nowMs = 0;
  let pauses = 0;
  const clock = {
    now: () => nowMs,
    monotonicMs: () => (nowMs += 20),
    after(_: number, run: () => void) {
      pauses++;
      queueMicrotask(run);
      return { cancel: () => undefined };
    },
  };
  const query: Query = { kind: "header", name: "received", text: "x" };
  await evaluate({ query, rows, messages, clock });
  assert.ok(pauses > 0);
  const signal = AbortSignal.abort(new Error("no longer wanted"));
  await assert.rejects(evaluate({ query, rows, messages, clock, signal }), /no longer wanted/);
});

/** What a query means, the slow and obvious way. */
function matches(query: Query, sample: Sample, place: number): boolean {
  switch (query.kind) {
    case "and":
      return query.queries.every((each) => matches(each, sample, place));
    case "or":
      return query.queries.some((each) => matches(each, sample, place));
    case "not":
      return !matches(query.query, sample, place);
    case "seqs":
      return query.ranges.some(([first, last]) => place >= first && place <= last);
    case "flag":
      return (((sample.flags?.system ?? 0) & query.bit) !== 0) === query.isSet;
    case "field":
      return (/^Subject: (.*)\r$/m.exec(sample.text)?.[1] ?? "").includes(query.text);
    case "header":
      return (/^X-Order: (.*)\r$/m.exec(sample.text)?.[1] ?? "\n").includes(query.text);
    case "body":
      return sample.text.slice(sample.text.indexOf("\r\n\r\n")).includes(query.text);
    default:
      return true;
  }
}

const words = fc.constantFrom("a", "ab", "abc", "b", "c");
const leaf: fc.Arbitrary<Query> = fc.oneof(
  fc.constant<Query>({ kind: "all" }),
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .map((range): Query => ({ kind: "seqs", ranges: [range] })),
  fc
    .record({ bit: fc.constantFrom(1, 2), isSet: fc.boolean() })
    .map((flag): Query => ({ kind: "flag", ...flag })),
  words.map((text): Query => ({ kind: "field", field: "subject", text })),
  words.map((text): Query => ({ kind: "header", name: "X-Order", text })),
  words.map((text): Query => ({ kind: "body", text })),
);
const { anyQuery } = fc.letrec<{ anyQuery: Query }>((tie) => ({
  anyQuery: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.record({ kind: fc.constant("not" as const), query: tie("anyQuery") }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      queries: fc.array(tie("anyQuery"), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

test("any query finds what it means, whatever had to be read for it", async () => {
  const samples = ["a", "abc", "c", "b", "ab"].map((word, at) => ({
    ...letter(
      word,
      at % 2 === 0 ? `X-Order: ${"cab".slice(0, at)}\r\n` : "",
      `${"abcab".slice(at)}\r\n`,
    ),
    flags: { system: at, keywords: [] },
  }));
  const { search } = mailboxOf(samples);
  await fc.assert(
    fc.asyncProperty(anyQuery, async (query) => {
      const expected = samples.flatMap((sample, at) =>
        matches(query, sample, at + 1) ? [at + 1] : [],
      );
      assert.deepEqual(await search(query), expected);
    }),
    { numRuns: 200 },
  );
});
