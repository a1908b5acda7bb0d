import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type MakeStore,
  add,
  apply,
  archive,
  assertRefused,
  inbox,
  makeAccount,
  smallBlob,
  startMs,
  withStore,
} from "./contract-fixtures.ts";
import { journeyId, mailboxId, modSeq } from "../base/ids.ts";
import type { FeedHint } from "./feed.ts";

/** What every engine promises about hints of changes. */
export function describeFeedContract(name: string, make: MakeStore): void {
  describe(`${name}: change feed`, () => {
    test("a hint comes after the commit, with its entries or less", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const boris = await makeAccount(store, "boris");
        const hints: FeedHint[] = [];
        const counts: Promise<number>[] = [];
        using _ = store.feed.watch(ana, (hint) => {
          hints.push(hint);
          counts.push(store.mail.loadMailbox(ana, inbox).then((columns) => columns.count));
        });
        await apply(store, add(boris, inbox));
        assert.equal(hints.length, 0);
        await apply(store, add(ana, inbox), add(ana, archive), add(boris, inbox));
        assert.equal(hints.length, 1);
        assert.equal(hints[0]?.account, ana);
        assert.equal(hints[0]?.modSeq, 3);
        assert.deepEqual(await Promise.all(counts), [1]);
        const [first] = hints;
        if (first?.entries !== undefined) {
          const log = await store.mail.changes(ana, modSeq(1));
          assert.deepEqual(first.entries, log);
        }
      }));

    test("a refused batch and a disposed watch give no hint", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        let hints = 0;
        const watch = store.feed.watch(ana, () => hints++);
        await assertRefused(
          apply(store, add(ana, inbox), add(ana, mailboxId(99))),
          "noSuchMailbox",
        );
        assert.equal(hints, 0);
        await apply(store, add(ana, inbox));
        assert.equal(hints, 1);
        watch[Symbol.dispose]();
        await apply(store, add(ana, inbox));
        assert.equal(hints, 1);
      }));

    test("a listener that throws harms neither the batch nor other listeners", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        let hints = 0;
        using _ = store.feed.watch(ana, () => {
          throw new Error("broken listener");
        });
        using __ = store.feed.watch(ana, () => hints++);
        await apply(store, add(ana, inbox));
        assert.equal(hints, 1);
      }));

    test("queue and directory have hints of their own", () =>
      withStore(make, async (store) => {
        const heard: string[] = [];
        using _ = store.feed.watchQueue(() => heard.push("queue"));
        using __ = store.feed.watchDirectory(() => heard.push("directory"));
        const ana = await makeAccount(store);
        assert.deepEqual(heard.splice(0), ["directory", "directory"]);
        await apply(store, add(ana, inbox));
        assert.deepEqual(heard.splice(0), []);
        await apply(store, {
          kind: "queue.add",
          message: {
            sender: "",
            returnContent: "full",
            needsSmtpUtf8: false,
            bodyKind: "7bit",
            prefix: new Uint8Array(),
            expiresAtMs: startMs,
            journey: journeyId("j".repeat(20)),
          },
          blob: smallBlob("x"),
          recipients: [{ address: "a@x.example", destination: "x.example", notify: [] }],
          dueAtMs: startMs,
        });
        assert.deepEqual(heard, ["queue"]);
      }));
  });
}
