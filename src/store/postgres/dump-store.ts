import { assert } from "../../base/assert.ts";
import type { DumpReader } from "../move/dump.ts";
import { exportStore } from "../move/export-store.ts";
import type { ReadableStore } from "../move/hidden-rows.ts";
import { createHiddenRows } from "./dump-rows.ts";
import { PostgresBlobs } from "./postgres-blobs.ts";
import { createPostgresDirectory } from "./postgres-directory.ts";
import { createPostgresMail } from "./postgres-mail.ts";
import { createPostgresQueue } from "./postgres-queue.ts";
import type { ReaderPool } from "./reader-pool.ts";

/** Tells a database that nobody else writes. */
export function readDump(pool: ReaderPool): Pick<DumpReader, "totals" | "export"> {
  const stage = async () => assert(false, "what only reads stages no body");
  const store: ReadableStore = {
    mail: createPostgresMail(pool),
    directory: createPostgresDirectory(pool),
    queue: createPostgresQueue(pool, async () => []),
    blobs: new PostgresBlobs({ pool, stager: { stage }, inlineBytesMax: 0 }),
  };
  return {
    totals: () => createHiddenRows(pool).totals(),
    export: (options) => exportStore(store, createHiddenRows(pool), options),
  };
}
