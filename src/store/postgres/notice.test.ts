import assert from "node:assert/strict";
import { test } from "node:test";
import { type AccountId, accountId, modSeq } from "../../base/ids.ts";
import type { LogEntry } from "../mail.ts";
import { Notice } from "./notice.ts";

const nothing = { isQueueTouched: false, isDirectoryTouched: false };

function entries(account: number, ...numbers: readonly number[]): Map<AccountId, LogEntry[]> {
  const act = { kind: "subscribed", name: "x", before: false, after: true } as const;
  const own = numbers.map((number) => ({ modSeq: modSeq(number), atMs: 0, actor: "", act }));
  return new Map([[accountId(account), own]]);
}

test("a notice says whose log has which new entries, and what else was touched", () => {
  const notice = new Notice("me");
  assert.equal(notice.isEmpty, true);
  notice.add({ ...nothing, entries: entries(7, 3, 4) });
  notice.add({ entries: entries(7, 5), isQueueTouched: true, isDirectoryTouched: false });
  const [payload = "", ...more] = notice.format();
  assert.equal(payload, "me q 7:3-5");
  assert.deepEqual(more, []);
  assert.deepEqual(Notice.parse(payload), {
    origin: "me",
    spans: [{ account: 7, first: 3, last: 5 }],
    isQueueTouched: true,
    isDirectoryTouched: false,
  });
});

test("no payload is longer than PostgreSQL takes", () => {
  const notice = new Notice("n".repeat(12));
  const large = 2 ** 50;
  for (let count = 0; count < 1000; count++) {
    notice.add({ ...nothing, entries: entries(large + count, large) });
  }
  const payloads = notice.format();
  assert.ok(payloads.every((payload) => payload.length < 8000));
  assert.equal(payloads.flatMap((payload) => Notice.parse(payload).spans).length, 1000);
});

test("what is no notice tells nothing", () => {
  for (const text of ["", "x", "me  7:3", "me q 7-3:5", "me  a:b-c"]) {
    assert.deepEqual(Notice.parse(text).spans, []);
  }
});
