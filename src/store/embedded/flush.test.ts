import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { test } from "node:test";
import { silentLog } from "../../base/log.ts";
import {
  ManualClock,
  add,
  addMessages,
  apply,
  assertRefused,
  inbox,
  makeAccount,
  uidsOf,
} from "../contract-fixtures.ts";
import { type EmbeddedStore, type WalFile, openEmbeddedStore } from "./open-embedded-store.ts";
import { makeTestFolder } from "./test-folder.ts";

/** A log whose flushes wait until they are let through, or fail. */
class HeldLog implements WalFile {
  #gate = Promise.withResolvers<void>();
  #isHeld = false;
  readonly onSync: () => Promise<void>;

  constructor(onSync: () => Promise<void> = async () => undefined) {
    this.onSync = onSync;
  }

  hold(): void {
    this.#gate = Promise.withResolvers();
    this.#isHeld = true;
  }

  letThrough(): void {
    this.#isHeld = false;
    this.#gate.resolve();
  }

  fail(): void {
    this.#gate.reject(new Error("EIO: played by the test"));
  }

  async sync(): Promise<void> {
    if (this.#isHeld) await this.#gate.promise;
    await this.onSync();
  }

  async close(): Promise<void> {}
}

async function withStore(
  walFile: HeldLog,
  body: (store: EmbeddedStore, folder: string) => Promise<void>,
  folder?: string,
): Promise<void> {
  const own = folder ?? (await makeTestFolder());
  const store = await openEmbeddedStore({
    folder: own,
    clock: new ManualClock(),
    log: silentLog,
    walFile,
  });
  try {
    await body(store, own);
  } finally {
    await store.close();
    await rm(own, { recursive: true });
  }
}

/** After everything that is ready now, the writer's next commit included. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("nothing is answered, told or read before the flush is over", async () => {
  const log = new HeldLog();
  await withStore(log, async (store) => {
    const ana = await makeAccount(store);
    const marko = await makeAccount(store, "marko");
    await addMessages(store, ana, 1);
    const seen: string[] = [];
    using _ = store.feed.watch(ana, () => seen.push("hint"));
    log.hold();
    const applied = apply(store, add(ana, inbox)).then(() => seen.push("answer"));
    await turns();
    const read = uidsOf(store, ana).then((uids) => seen.push(`uids ${uids.join()}`));
    assert.deepEqual(await uidsOf(store, marko), [], "another account's mail is read meanwhile");
    await turns();
    assert.deepEqual(seen, []);
    log.letThrough();
    await Promise.all([applied, read]);
    assert.equal(seen.length, 3);
    assert.deepEqual(new Set(seen), new Set(["answer", "hint", "uids 1,2"]));
  });
});

test("batches that come while the disk works share the next flush", async () => {
  let flushCount = 0;
  const log = new HeldLog(async () => void flushCount++);
  await withStore(log, async (store) => {
    const ana = await makeAccount(store);
    log.hold();
    const first = apply(store, add(ana, inbox));
    await turns();
    const rest = Array.from({ length: 20 }, () => apply(store, add(ana, inbox)));
    await turns();
    flushCount = 0;
    log.letThrough();
    await Promise.all([first, ...rest]);
    assert.equal(flushCount, 2);
  });
});

test("after a failed flush nothing is acknowledged, read or written any more", async () => {
  const log = new HeldLog();
  await withStore(log, async (store) => {
    const ana = await makeAccount(store);
    log.hold();
    const applied = assertRefused(apply(store, add(ana, inbox)), "unavailable");
    await turns();
    const read = assertRefused(uidsOf(store, ana), "unavailable");
    const next = assertRefused(apply(store, add(ana, inbox)), "unavailable");
    log.fail();
    await Promise.all([applied, read, next]);
    await assertRefused(uidsOf(store, ana), "unavailable");
    await assertRefused(apply(store, add(ana, inbox)), "unavailable");
    await assertRefused(store.directory.accounts(), "unavailable");
  });
});

test("what the disk had at the last flush is all that was acknowledged", async () => {
  const folder = await makeTestFolder();
  const durable = await makeTestFolder();
  const log = new HeldLog(() => cp(folder, durable, { recursive: true }));
  await withStore(
    log,
    async (store) => {
      const ana = await makeAccount(store);
      const acknowledged: number[] = [];
      const deliver = async () => {
        const { results } = await apply(store, add(ana, inbox));
        for (const result of results) {
          if (result.kind === "mail.messageAdd") acknowledged.push(result.uid);
        }
      };
      await Promise.all(Array.from({ length: 3 }, deliver));
      log.hold();
      const late = deliver();
      await turns();
      await withStore(
        new HeldLog(),
        async (left) => {
          assert.deepEqual(await uidsOf(left, ana), acknowledged);
        },
        durable,
      );
      log.letThrough();
      await late;
    },
    folder,
  );
});
