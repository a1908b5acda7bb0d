import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import { ManualClock, assertRefused, makeAccount, startMs } from "../contract-fixtures.ts";
import { makeEmbeddedPlace } from "../embedded/embedded-move-fixtures.ts";
import { makeMemoryPlace } from "../memory/memory-move-fixtures.ts";
import { readAll } from "../move/move-fixtures.ts";
import { moveStore } from "../move/move-store.ts";
import { type MovePlace, describeMoveContract } from "../move/move.contract.ts";
import { testDatabases } from "./database-fixture.ts";
import { openPostgresSource } from "./dump-source.ts";
import { openPostgresTarget } from "./dump-target.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

const databases = testDatabases();
const postgres = makePostgresPlace;
const memory = makeMemoryPlace;
const embedded = makeEmbeddedPlace;
const less = { numRuns: 6, lostEvery: 7 };

describeMoveContract({ name: "memory to postgres", from: memory, to: postgres, ...less });
describeMoveContract({ name: "postgres to memory", from: postgres, to: memory, ...less });
describeMoveContract({ name: "embedded to postgres", from: embedded, to: postgres, ...less });
describeMoveContract({ name: "postgres to embedded", from: postgres, to: embedded, ...less });

test("texts with U+0000 and U+10FFFF arrive as they were, and small state in its order", async () => {
  const keys = [
    "a\0b",
    "a",
    "a\0",
    "\0",
    "a\u{1}",
    "b",
    "\u{10ffff}",
    "\u{10ffff}0",
    "a\u{10fffe}",
  ];
  await using cleanup = new AsyncDisposableStack();
  const places: MovePlace[] = [];
  for (const make of [memory, postgres, embedded, postgres, memory]) {
    const place = await make();
    cleanup.defer(() => place.remove());
    places.push(place);
  }
  const [first, ...others] = places;
  assert.ok(first !== undefined);
  const store = await first.openStore();
  await makeAccount(store, "ana");
  for (const key of keys) await store.keyed.set(key, `${key}\0\u{10ffff}1`, 9e15);
  const expected = await readAll(store);
  await store.close();
  let from = first;
  for (const to of others) {
    await move(from, to);
    const moved = await to.openStore();
    assert.deepEqual(await readAll(moved), expected);
    for (const key of keys) {
      assert.equal(await moved.keyed.get(key, startMs), `${key}\0\u{10ffff}1`);
    }
    await moved.close();
    from = to;
  }
});

test("a database that a server uses is neither copied nor copied into", async () => {
  const place = await postgres();
  const store = await place.openStore();
  await assertRefused(place.openSource(), "inUse");
  await assertRefused(place.openTarget(), "inUse");
  await store.close();
  const source = await place.openSource();
  await assertRefused(place.openStore(), "inUse");
  await assertRefused(place.openTarget(), "inUse");
  await source.close();
  await (await place.openStore()).close();
  await place.remove();
});

test("a database without a store, and one of another schema, is no source", async () => {
  const url = await databases.make();
  await assert.rejects(openPostgresSource(url), /There is no mail store/);
  const target = await openPostgresTarget({ url, clock: new ManualClock(), log: silentLog });
  await target.close();
  await databases.run(url, "INSERT INTO golub_schema (version) VALUES (900)");
  await assert.rejects(openPostgresSource(url), /schema version 900/);
  await databases.remove(url);
});

test("a source tells what was changed in it since, and is not changed by being opened", async () => {
  const place = await postgres();
  const fingerprints: string[] = [];
  const steps = [
    async () => undefined,
    async () => withStore(place, (store) => makeAccount(store, "ana")),
    async () => withStore(place, (store) => store.keyed.set("key", "value", 9e15)),
    async () => withStore(place, (store) => store.keyed.set("key", "other", 9e15)),
  ];
  await withStore(place, async () => undefined);
  for (const step of steps) {
    await step();
    for (let again = 0; again < 2; again++) {
      const source = await place.openSource();
      fingerprints.push(await source.fingerprint());
      await source.close();
    }
  }
  assert.equal(new Set(fingerprints).size, steps.length);
  await place.remove();
});

async function withStore(
  place: MovePlace,
  body: (store: Awaited<ReturnType<MovePlace["openStore"]>>) => Promise<unknown>,
): Promise<void> {
  const store = await place.openStore();
  await body(store);
  await store.close();
}

async function move(from: MovePlace, to: MovePlace): Promise<void> {
  const source = await from.openSource();
  const target = await to.openTarget();
  try {
    await moveStore({ source, target, chunkRecords: 3 });
  } finally {
    await target.close();
    await source.close();
  }
}

let opened = 0;

async function makePostgresPlace(): Promise<MovePlace> {
  const url = await databases.make();
  const ports = { url, clock: new ManualClock(), log: silentLog };
  return {
    openStore: () =>
      openPostgresStore({
        ...ports,
        serverName: "moved",
        random: seededRandom(++opened),
        limits: { inlineBytesMax: 64 },
      }),
    openSource: () => openPostgresSource(url),
    openTarget: () => openPostgresTarget(ports),
    remove: () => databases.remove(url),
  };
}
