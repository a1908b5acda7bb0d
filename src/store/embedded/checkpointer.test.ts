import assert from "node:assert/strict";
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { silentLog } from "../../base/log.ts";
import { Checkpointer } from "./checkpointer.ts";
import { makeTestFolder } from "./test-folder.ts";

const muchBytes = 100_000_000;

test("the log is copied by the thread, its rest between two commits, and starts over", async () => {
  const folder = await makeTestFolder();
  const file = path.join(folder, "some.db");
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE body (bytes BLOB)");
  const checkpointer = new Checkpointer(file, database, silentLog);
  const insert = database.prepare("INSERT INTO body VALUES (zeroblob(50000))");
  const logBytes = async () => (await stat(`${file}-wal`)).size;
  try {
    for (let row = 0; row < 20; row++) insert.run();
    assert.equal(checkpointer.committed(1, 1), undefined, "too little to copy");
    assert.equal(
      checkpointer.committed(muchBytes, 1),
      undefined,
      "nobody waits for the most of it",
    );
    let rest: Promise<void> | undefined;
    while (rest === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      rest = checkpointer.committed(1, 1);
    }
    await rest;
    const before = await logBytes();
    for (let row = 0; row < 10; row++) insert.run();
    assert.equal(await logBytes(), before, "what was copied is written over");
    assert.equal(checkpointer.committed(1, 1), undefined);
  } finally {
    await checkpointer.close();
    database.close();
    await rm(folder, { recursive: true });
  }
});

test("without the thread, commits wait for nothing", async () => {
  const folder = await makeTestFolder();
  const file = path.join(folder, "some.db");
  const database = new DatabaseSync(file);
  const failures: string[] = [];
  const failed = Promise.withResolvers<void>();
  const log = {
    ...silentLog,
    write: (_level: string, event: string) => {
      failures.push(event);
      failed.resolve();
    },
  };
  const checkpointer = new Checkpointer(path.join(folder, "missing", "some.db"), database, log);
  try {
    assert.equal(checkpointer.committed(muchBytes, 1), undefined);
    await failed.promise;
    assert.deepEqual(failures, ["store.checkpointThreadFailed"]);
    assert.equal(checkpointer.committed(muchBytes, 1), undefined);
    assert.equal(checkpointer.committed(muchBytes, 1), undefined);
  } finally {
    await checkpointer.close();
    database.close();
    await rm(folder, { recursive: true });
  }
});
