import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { type AccountId, type ModSeq, journeyId, modSeq } from "../../base/ids.ts";
import { silentLog } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import { createRealClock } from "../../net/real-clock.ts";
import { arbitraryBatches } from "../contract-batches.ts";
import {
  add,
  addMessages,
  apply,
  archive,
  inbox,
  makeAccount,
  smallBlob,
  startMs,
  uidsOf,
} from "../contract-fixtures.ts";
import { readView, replayView } from "../contract-view.ts";
import { testDatabases } from "./database-fixture.ts";
import {
  type PostgresLimits,
  type PostgresStore,
  openPostgresStore,
} from "./open-postgres-store.ts";

const databases = testDatabases();

/** Longest that a change may take from one server's listeners to the other's. */
const hintMsMax = 50;

describe("two servers on one PostgreSQL", () => {
  test("a delivery through one is heard at the other within 50 ms, entries and all", () =>
    withTwo(async (one, two) => {
      const ana = await makeAccount(one);
      const times: number[] = [];
      for (let round = 0; round < 20; round++) {
        const heard = Promise.withResolvers<number>();
        using _ = two.feed.watch(ana, ({ entries }) => {
          assert.equal(entries?.length, 1);
          heard.resolve(performance.now());
        });
        await addMessages(one, ana, 1);
        const began = performance.now();
        times.push((await heard.promise) - began);
      }
      assert.ok((times.sort((a, b) => a - b)[10] ?? Infinity) < hintMsMax, times.join());
      assert.ok((times.at(-1) ?? Infinity) < hintMsMax * 4, times.join());
    }));

  test("a notice that was lost is made up for", () =>
    withTwo(
      async (one, two, url) => {
        const ana = await makeAccount(one);
        const heard = Promise.withResolvers<ModSeq>();
        using _ = two.feed.watch(ana, ({ modSeq: newest }) => {
          if (newest === 4) heard.resolve(newest);
        });
        await addMessages(one, ana, 1);
        await databases.run(
          url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
        await addMessages(one, ana, 2);
        assert.equal(await heard.promise, 4);
      },
      { pollMs: 100 },
    ));

  test("queue and directory changes are heard at the other", () =>
    withTwo(async (one, two) => {
      const heard = new Set<string>();
      using _ = two.feed.watchQueue(() => heard.add("queue"));
      using __ = two.feed.watchDirectory(() => heard.add("directory"));
      await makeAccount(one);
      await enqueue(one, 1);
      for (let tries = 0; heard.size < 2 && tries < 50; tries++) await wait(10);
      assert.deepEqual([...heard].sort(), ["directory", "queue"]);
    }));

  test("both write to the same accounts at once, and each reads what the log tells", () =>
    withTwo(async (one, two) => {
      let round = 0;
      const property = fc.asyncProperty(fc.gen(), async (generate) => {
        round++;
        const accounts: AccountId[] = [];
        for (const name of ["ana", "boris"]) {
          accounts.push(await makeAccount(one, `${name}${round}`));
        }
        const batches = [one, two].map((store) =>
          generate(arbitraryBatches, accounts).map(({ actor, atMs, changes }) =>
            store.apply({ actor, atMs, changes }).catch(() => undefined),
          ),
        );
        await Promise.all(batches.flat());
        for (const account of accounts) {
          const view = await readView(one, account);
          assert.deepEqual(await readView(two, account), view);
          assert.deepEqual(await replayView(two, account), view);
          const log = await one.mail.changes(account, modSeq(0));
          assert.ok(log.every((entry, at) => entry.modSeq - (log[at - 1]?.modSeq ?? 0) <= 1));
        }
      });
      await fc.assert(property, { numRuns: 30 });
    }));

  test("deliveries to both in a storm are all there once, with rising UIDs", () =>
    withTwo(async (one, two) => {
      const ana = await makeAccount(one);
      const boris = await makeAccount(one, "boris");
      const wanted = Array.from({ length: 200 }, (_, index) =>
        apply(index % 2 === 0 ? one : two, add(ana, inbox), add(boris, archive)),
      );
      await Promise.all(wanted);
      const numbers = Array.from({ length: 200 }, (_, index) => index + 1);
      assert.deepEqual(await uidsOf(one, ana), numbers);
      assert.deepEqual(await uidsOf(two, boris, archive), numbers);
      assert.equal((await one.mail.account(ana)).usedBytes, 1000);
    }));

  test("a queue of one database gives each recipient to one of them, once", () =>
    withTwo(async (one, two) => {
      await enqueue(one, 60);
      const taken = new Map<string, number>();
      const work = async (store: PostgresStore) => {
        for (;;) {
          const leases = await store.queue.lease({
            nowMs: startMs,
            leaseMs: 60_000,
            limit: 7,
            skipDestinations: [],
          });
          if (leases.length === 0) return;
          for (const { entry, recipients, lease } of leases) {
            for (const { recipient, address } of recipients) {
              taken.set(address, (taken.get(address) ?? 0) + 1);
              const rest = {
                queue: entry.id,
                recipient,
                lease,
                outcome: { kind: "done" },
              } as const;
              await apply(store, { kind: "queue.settle", ...rest });
            }
          }
        }
      };
      await Promise.all([work(one), work(two), work(one), work(two)]);
      // Who found only rows that others held may have gone home early.
      await work(one);
      assert.equal(taken.size, 120);
      assert.deepEqual([...new Set(taken.values())], [1]);
      assert.deepEqual(await one.queue.counts(), { messages: 0, recipients: 0 });
    }));

  test("a key that was used through one is known to the other", () =>
    withTwo(async (one, two) => {
      const ana = await makeAccount(one);
      const batch = { key: "k", actor: "test", atMs: startMs, changes: [add(ana, inbox)] };
      const answers = await Promise.all([one, two, one, two].map((store) => store.apply(batch)));
      assert.equal(answers.filter(({ isRepeated }) => !isRepeated).length, 1);
      assert.deepEqual(await uidsOf(two, ana), [1]);
    }));

  test("a large body staged at one is used by a batch of the other", () =>
    withTwo(async (one, two) => {
      const ana = await makeAccount(one);
      const blob = await one.blobs.put([Buffer.alloc(700_000, "large body\r\n")]);
      const change = add(ana, inbox);
      await apply(two, { ...change, message: { ...change.message, blob } });
      assert.equal((await two.blobs.read(blob.hash)).length, 700_000);
    }));
});

async function withTwo(
  body: (one: PostgresStore, two: PostgresStore, url: string) => Promise<void>,
  limits: Partial<PostgresLimits> = {},
): Promise<void> {
  const url = await databases.make();
  const clock = createRealClock();
  const open = (serverName: string, seed: number) =>
    openPostgresStore({
      url,
      serverName,
      clock,
      random: seededRandom(seed),
      log: silentLog,
      limits,
    });
  const stores = await Promise.all([open("one", 1), open("two", 2)]);
  try {
    await body(...stores, url);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
    await databases.remove(url);
  }
}

async function enqueue(store: PostgresStore, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
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
      recipients: ["x", "y"].map((name) => ({
        address: `${number}@${name}.example`,
        destination: `${name}.example`,
        notify: [],
      })),
      dueAtMs: startMs,
    });
  }
}
