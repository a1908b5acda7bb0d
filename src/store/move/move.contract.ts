import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { journeyId } from "../../base/ids.ts";
import {
  addMessages,
  all,
  apply,
  assertRefused,
  inbox,
  makeAccount,
  smallBlob,
  startMs,
} from "../contract-fixtures.ts";
import type { Store } from "../store.ts";
import type { DumpRecord, DumpSource, DumpTarget } from "./dump.ts";
import { type MovedStore, arbitraryHistory, makeAccounts, play, readAll } from "./move-fixtures.ts";
import { moveStore } from "./move-store.ts";

/** Where a store of an engine can be; whoever opens something closes it before the next. */
export interface MovePlace {
  openStore(): Promise<MovedStore>;
  openSource(): Promise<DumpSource>;
  openTarget(): Promise<DumpTarget>;
  /** Keeps what a process killed now would leave; `restore`, with nothing open, goes back to it. */
  snapshot?(): Promise<void>;
  restore?(): Promise<void>;
  remove(): Promise<void>;
}

export interface MoveContract {
  readonly name: string;
  /** Make empty places. */
  readonly from: () => Promise<MovePlace>;
  readonly to: () => Promise<MovePlace>;
  /** How many random histories, and how many records apart the lost ones lie: less where slow. */
  readonly numRuns?: number;
  readonly lostEvery?: number;
}

/** What a move from one engine to another promises. */
export function describeMoveContract(contract: MoveContract): void {
  const { name, from, to, numRuns = 12, lostEvery = 1 } = contract;
  const withPlaces = async (body: (source: MovePlace, target: MovePlace) => Promise<void>) => {
    const [source, target] = [await from(), await to()];
    try {
      await body(source, target);
    } finally {
      await source.remove();
      await target.remove();
    }
  };

  describe(`${name}: move`, () => {
    test("after any history and any kills the target tells the same and goes on the same", async () => {
      const run = fc.record({
        before: arbitraryHistory,
        after: arbitraryHistory,
        chunkRecords: fc.integer({ min: 1, max: 40 }),
        kills: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
      });
      const property = fc.asyncProperty(run, ({ before, after, chunkRecords, kills }) =>
        withPlaces(async (source, target) => {
          await withStore(source, async (store) => {
            await makeAccounts(store);
            await play(store, before);
          });
          for (const imports of kills) {
            const change = killAfter(imports, () => target.snapshot?.());
            await move(source, target, { chunkRecords, change }).then(
              () => undefined,
              async (error: unknown) => {
                assertKilled(error);
                if (error === killed) await target.restore?.();
              },
            );
          }
          const left = await isLeft(target);
          if (left || kills.length === 0) await move(source, target, { chunkRecords });
          await withStore(source, (ours) =>
            withStore(target, async (theirs) => {
              assert.deepEqual(await readAll(theirs), await readAll(ours));
              assert.deepEqual(await play(theirs, after), await play(ours, after));
              assert.deepEqual(await readAll(theirs), await readAll(ours));
            }),
          );
        }),
      );
      await fc.assert(property, { numRuns, endOnFailure: true });
    });

    test("a record that is lost on the way is noticed", async () => {
      await withPlaces(async (source) => {
        await fill(source);
        const count = await countRecords(source);
        for (let lost = 0; lost < count; lost += lostEvery) {
          const target = await to();
          await assert.rejects(
            move(source, target, { change: dropRecord(lost) }),
            `record ${lost}`,
          );
          await target.remove();
        }
      });
    });

    test("a target that is not empty is refused and stays as it was", () =>
      withPlaces(async (source, target) => {
        await fill(source);
        await withStore(target, async (store) => void (await makeAccount(store, "other")));
        await assertRefused(move(source, target), "conflict");
        await withStore(target, async (store) => {
          const accounts = await store.directory.accounts();
          assert.deepEqual(
            accounts.map((account) => account.address),
            ["other@example.org"],
          );
        });
      }));

    test("a half filled target is no store, and takes no other state of the source", () =>
      withPlaces(async (source, target) => {
        await fill(source);
        await move(source, target, { chunkRecords: 5, change: killAfter(2) }).catch(assertKilled);
        await assert.rejects(target.openStore());
        await withStore(source, async (store) => void (await makeAccount(store, "late")));
        await assertRefused(move(source, target), "conflict");
      }));

    test("an empty store is moved too, and a moved one is not empty", () =>
      withPlaces(async (source, target) => {
        await withStore(source, (store) => makeAccounts(store));
        await move(source, target);
        await assertRefused(move(source, target), "conflict");
        await withStore(target, async (store) =>
          assert.equal((await store.directory.accounts()).length, 3),
        );
      }));

    test("a body that is damaged in the source stops the move", () =>
      withPlaces(async (source, target) => {
        await fill(source);
        const text = await assertRefused(
          move(source, target, { damage: damageBody }),
          "unavailable",
        );
        assert.match(text, /^The message body [0-9a-f]{64} is damaged/);
      }));
  });
}

interface MoveTest {
  readonly chunkRecords?: number;
  /** What arrives at the target instead. */
  readonly change?: (target: DumpTarget) => DumpTarget;
  /** What the source tells instead. */
  readonly damage?: (record: DumpRecord) => DumpRecord;
}

async function move(from: MovePlace, to: MovePlace, test: MoveTest = {}): Promise<void> {
  const source = await from.openSource();
  try {
    const target = await to.openTarget();
    try {
      const { chunkRecords } = test;
      await moveStore({
        source: test.damage === undefined ? source : damaged(source, test.damage),
        target: test.change?.(target) ?? target,
        ...(chunkRecords === undefined ? {} : { chunkRecords }),
      });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function withStore(
  place: MovePlace,
  body: (store: MovedStore) => Promise<void>,
): Promise<void> {
  const store = await place.openStore();
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

/** An account with messages of all conditions. */
async function fill(place: MovePlace): Promise<void> {
  await withStore(place, async (store) => {
    const account = await makeAccount(store);
    await addMessages(store, account, 3, { text: "body", keywords: ["$Junk"] });
    await apply(store, {
      kind: "mail.expunge",
      account,
      mailbox: inbox,
      uids: all,
      onlyDeleted: false,
    });
    await addMessages(store, account, 2, { facts: { messageIdHeader: "m@example.org" } });
    await store.keyed.set("key", "value", 9e15);
    await enqueue(store);
    await store.apply({
      key: "once",
      actor: "cli",
      atMs: 1,
      changes: [{ kind: "directory.aliasPut", address: "@example.org", targets: ["a@b.example"] }],
    });
  });
}

/** A message that waits, once leased. */
async function enqueue(store: Store): Promise<void> {
  await apply(store, {
    kind: "queue.add",
    message: {
      sender: "ana@example.org",
      returnContent: "headers",
      needsSmtpUtf8: false,
      bodyKind: "7bit",
      prefix: new Uint8Array([1]),
      expiresAtMs: startMs,
      journey: journeyId("j".repeat(20)),
    },
    blob: smallBlob("queued"),
    recipients: [{ address: "a@x.example", destination: "x.example", notify: [] }],
    dueAtMs: startMs,
  });
  const wanted = { nowMs: startMs, leaseMs: 1, limit: 1, skipDestinations: [] };
  assert.equal((await store.queue.lease(wanted)).length, 1);
}

async function isLeft(place: MovePlace): Promise<boolean> {
  const target = await place.openTarget();
  const isEmptyOrLeft = await target.findMarker().then(
    () => true,
    () => false,
  );
  await target.close();
  return isEmptyOrLeft;
}

async function countRecords(place: MovePlace): Promise<number> {
  const source = await place.openSource();
  let count = 0;
  for await (const chunk of source.export({ withBodies: false })) count += chunk.records.length;
  await source.close();
  return count;
}

const killed = new Error("killed");

function killAfter(
  imports: number,
  onKill: () => Promise<void> | undefined = () => undefined,
): (target: DumpTarget) => DumpTarget {
  let left = imports;
  return (target) => ({
    ...target,
    import: async (records, marker) => {
      await target.import(records, marker);
      if (--left > 0) return;
      await onKill();
      throw killed;
    },
  });
}

/** A move that was complete before its kill has nothing to be killed, and cannot be run again. */
function assertKilled(error: unknown): void {
  if (error !== killed) assert.match(String(error), /already|not empty/);
}

function dropRecord(lost: number): (target: DumpTarget) => DumpTarget {
  let next = 0;
  return (target) => ({
    ...target,
    import: (records, marker) =>
      target.import(
        records.filter(() => next++ !== lost),
        marker,
      ),
  });
}

function damaged(source: DumpSource, damage: (record: DumpRecord) => DumpRecord): DumpSource {
  return {
    ...source,
    export: async function* (options) {
      for await (const { records, cursor } of source.export(options)) {
        yield { records: records.map((record) => damage(record)), cursor };
      }
    },
  };
}

function damageBody(record: DumpRecord): DumpRecord {
  if (record.kind !== "body") return record;
  return { ...record, parts: record.parts.map((part) => part.map((byte) => byte ^ 1)) };
}
