import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { uid } from "../../base/ids.ts";
import { silentLog } from "../../base/log.ts";
import {
  ManualClock,
  add,
  addMessages,
  all,
  apply,
  assertRefused,
  inbox,
  makeAccount,
  uidsOf,
} from "../contract-fixtures.ts";
import type { UidRange } from "../mail-changes.ts";
import type { Disk } from "./disk.ts";
import { FaultyDisk } from "./faulty-disk.ts";
import { openEmbeddedStore } from "./open-embedded-store.ts";
import { makeTestFolder } from "./test-folder.ts";

const large = Buffer.alloc(100_000, "large ");
const limits = { reserveBytes: 1_000_000 };

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await makeTestFolder();
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function open(folder: string, disk?: Disk, clock = new ManualClock()) {
  const optional = disk === undefined ? {} : { disk };
  return openEmbeddedStore({ folder, clock, log: silentLog, limits, ...optional });
}

describe("embedded store in trouble", () => {
  test("new mail is refused before the disk is full; deleting works; service resumes", () =>
    withFolder(async (folder) => {
      const disk = new FaultyDisk();
      const clock = new ManualClock();
      const store = await open(folder, disk, clock);
      const ana = await makeAccount(store);
      await addMessages(store, ana, 2);
      disk.roomBytes = 900_000;
      clock.advance(1000);
      await assertRefused(apply(store, add(ana, inbox)), "diskFull");
      await assertRefused(store.blobs.put([large]), "diskFull");
      const rest = { account: ana, mailbox: inbox, uids: all, onlyDeleted: false };
      await apply(store, { kind: "mail.expunge", ...rest });
      disk.roomBytes = 2_000_000;
      clock.advance(1000);
      await addMessages(store, ana, 1);
      assert.deepEqual(await uidsOf(store, ana), [3]);
      await store.close();
    }));

  test("a large body whose flush fails is refused, and the next one is kept", () =>
    withFolder(async (folder) => {
      const disk = new FaultyDisk();
      const store = await open(folder, disk);
      const ana = await makeAccount(store);
      disk.failsNextSync = true;
      await assertRefused(store.blobs.put([large]), "unavailable");
      const blob = await store.blobs.put([large]);
      const change = add(ana, inbox);
      await apply(store, { ...change, message: { ...change.message, blob } });
      disk.losePower();
      assert.ok(large.equals(await store.blobs.read(blob.hash)));
      await store.close();
    }));

  test("SQLite without room refuses the commit whole, and goes on when there is room", () =>
    withFolder(async (folder) => {
      const store = await open(folder);
      const ana = await makeAccount(store);
      await addMessages(store, ana, 1);
      await store.close();
      const file = path.join(folder, "golub.db");
      const database = new DatabaseSync(file);
      const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
      database.close();
      const tight = await openEmbeddedStore({
        folder,
        clock: new ManualClock(),
        log: silentLog,
        limits: { ...limits, databasePagesMax: pages + 20 },
      });
      const text = "x".repeat(60_000);
      const answers = await Promise.allSettled([
        apply(tight, add(ana, inbox, { text })),
        apply(tight, add(ana, inbox, { text: `${text}y` })),
      ]);
      for (const answer of answers) {
        assert.ok(
          answer.status === "rejected" && String(answer.reason.message).startsWith("diskFull"),
        );
      }
      await addMessages(tight, ana, 1);
      assert.deepEqual(await uidsOf(tight, ana), [1, 2]);
      await tight.close();
    }));

  test("a second store on the same folder gets one clear sentence", () =>
    withFolder(async (folder) => {
      const store = await open(folder);
      await assert.rejects(open(folder), {
        reason: "unavailable",
        text: `Another process uses the mail store in ${folder}: stop it first, or choose another folder.`,
      });
      await store.close();
      await (await open(folder)).close();
    }));

  test("a schema that is newer than the program gets one clear sentence", () =>
    withFolder(async (folder) => {
      await (await open(folder)).close();
      const database = new DatabaseSync(path.join(folder, "golub.db"));
      database.exec("PRAGMA user_version = 99");
      database.close();
      await assert.rejects(
        open(folder),
        /schema version 99, but this program knows only up to \d+/,
      );
    }));

  test("small bodies move to segments, and what is mostly empty is compacted", () =>
    withFolder(async (folder) => {
      const disk = new FaultyDisk();
      const clock = new ManualClock();
      const store = await openEmbeddedStore({
        folder,
        clock,
        log: silentLog,
        disk,
        limits: { ...limits, segmentBytesMax: 4000 },
      });
      const ana = await makeAccount(store);
      const texts = Array.from({ length: 40 }, (_, index) => `${index} `.repeat(100));
      for (const text of texts) await apply(store, add(ana, inbox, { text }));
      const day = 86_400_000;
      const tidy = async (days: number) => {
        while (!(await store.maintain(clock.now() + days * day, 1000)).isIdle);
      };
      await tidy(1);
      const before = await disk.list();
      assert.ok(before.length > 2, `${before.length} segments`);
      // All but each tenth go.
      const gone = texts.flatMap((_, at) => (at % 10 === 0 ? [] : [at + 1]));
      const uids = gone.map((number): UidRange => [uid(number), uid(number)]);
      const rest = { account: ana, mailbox: inbox, uids, onlyDeleted: false };
      await apply(store, { kind: "mail.expunge", ...rest });
      await tidy(40);
      await tidy(50);
      assert.ok((await disk.list()).length < before.length);
      const ids = await store.mail.loadMailbox(ana, inbox);
      assert.equal(ids.count, 4);
      for (const [at, text] of texts.entries()) {
        if (at % 10 !== 0) continue;
        const blob = await store.blobs.put([Buffer.from(text)]);
        assert.equal(Buffer.from(await store.blobs.read(blob.hash)).toString(), text);
      }
      await store.close();
    }));
});
