import assert from "node:assert/strict";
import { rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { silentLog } from "../../base/log.ts";
import { ManualClock, add, apply, assertRefused } from "../contract-fixtures.ts";
import { inbox, makeAccount } from "../contract-fixtures.ts";
import type { DumpSource } from "../move/dump.ts";
import { openEmbeddedSource } from "./dump-source.ts";
import { openEmbeddedStore } from "./open-embedded-store.ts";
import { segmentName } from "./segments.ts";
import { makeTestFolder } from "./test-folder.ts";

test("telling a store changes neither its database nor what tells its state", () =>
  withStoreFolder(async (folder) => {
    const before = await stat(path.join(folder, "golub.db"));
    const first = openEmbeddedSource(folder);
    const fingerprint = await first.fingerprint();
    assert.equal(await readNames(first), 1);
    await first.close();
    const second = openEmbeddedSource(folder);
    assert.equal(await second.fingerprint(), fingerprint);
    await second.close();
    const after = await stat(path.join(folder, "golub.db"));
    assert.deepEqual([after.size, after.mtimeMs], [before.size, before.mtimeMs]);
  }));

test("a store of another schema is left to the program that knows it", () =>
  withStoreFolder(async (folder) => {
    const refused = (version: number, text: RegExp) => {
      const database = new DatabaseSync(path.join(folder, "golub.db"));
      database.exec(`PRAGMA user_version = ${version}`);
      database.close();
      assert.throws(() => openEmbeddedSource(folder), text);
    };
    refused(1000, /has schema version 1000, not \d+: move it with the newer program/);
    refused(0, /has schema version 0, not \d+: start this version's server on it once/);
  }));

test("a segment that is cut or missing is named by the body that it had", () =>
  withStoreFolder(async (folder) => {
    const segment = path.join(folder, "segments", segmentName(1));
    for (const spoil of [() => writeFile(segment, "short"), () => rm(segment)]) {
      await spoil();
      const source = openEmbeddedSource(folder);
      const text = await assertRefused(readNames(source, true), "unavailable");
      assert.match(text, /^The message body [0-9a-f]{64} cannot be read/);
      await source.close();
    }
  }));

/** How many bodies an export has. */
async function readNames(source: DumpSource, withBodies = false): Promise<number> {
  let count = 0;
  for await (const { records } of source.export({ withBodies })) {
    count += records.filter((record) => record.kind === "body").length;
  }
  return count;
}

/** A stopped store with a message whose body lies in the first segment. */
async function withStoreFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await makeTestFolder();
  try {
    const limits = { inlineBytesMax: 4 };
    const clock = new ManualClock();
    const store = await openEmbeddedStore({ folder, clock, log: silentLog, limits });
    const change = add(await makeAccount(store), inbox);
    const blob = await store.blobs.put([Buffer.from("a large body")]);
    await apply(store, { ...change, message: { ...change.message, blob } });
    await store.close();
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
