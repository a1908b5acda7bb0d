import type { DatabaseSync } from "node:sqlite";
import type { DumpReader } from "../move/dump.ts";
import { exportStore } from "../move/export-store.ts";
import type { ReadableStore } from "../move/hidden-rows.ts";
import { AccountCache } from "./account-cache.ts";
import { CopyReader } from "./copy-reader.ts";
import { createHiddenRows } from "./dump-rows.ts";
import type { SegmentStore } from "./segment-store.ts";
import { SqlBlobs } from "./sql-blobs.ts";
import { createSqlDirectory } from "./sql-directory.ts";
import { createSqlMail } from "./sql-mail.ts";
import { createSqlQueue } from "./sql-queue.ts";
import { prepareStatements } from "./statements.ts";
import { Unflushed } from "./unflushed.ts";

/** Tells a database and its segments that nobody else writes. */
export function readDump(
  database: DatabaseSync,
  segments: SegmentStore,
): Pick<DumpReader, "totals" | "export"> {
  const statements = prepareStatements(database);
  const cache = new AccountCache(statements);
  const copyReader = new CopyReader(database);
  const unflushed = new Unflushed();
  const store: ReadableStore = {
    mail: createSqlMail({ database, statements, cache, copyReader, unflushed }),
    directory: createSqlDirectory(statements, unflushed),
    queue: createSqlQueue(statements, unflushed, async () => []),
    blobs: new SqlBlobs({
      statements,
      segments,
      nowMs: () => 0,
      inlineBytesMax: 0,
      checkRoom: () => undefined,
    }),
  };
  const hidden = createHiddenRows(database, cache);
  return {
    totals: () => hidden.totals(),
    export: (options) => exportStore(store, hidden, options),
  };
}
