import { mkdir } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../base/clock.ts";
import type { BlobHash } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import { type Maintenance, type Retention, defaultRetention } from "../maintenance.ts";
import { applyBatch } from "../rules/apply-batch.ts";
import { inlineBytesMax } from "../rules/blob-limits.ts";
import { FeedHub } from "../rules/feed-hub.ts";
import { leaseDue } from "../rules/lease-due.ts";
import type { Store } from "../store.ts";
import { AccountCache } from "./account-cache.ts";
import { sizeOfBatch } from "./batch-size.ts";
import { Checkpointer } from "./checkpointer.ts";
import { CopyReader } from "./copy-reader.ts";
import { DiskGuard } from "./disk-guard.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { lockFolder } from "./folder-lock.ts";
import { createHousekeeping } from "./housekeeping.ts";
import { Housekeeper } from "./housekeeper.ts";
import { JourneyIndex } from "./journey-index.ts";
import { KeyedFlusher } from "./keyed-flusher.ts";
import { migrate } from "./migrate.ts";
import { refuseUnfinishedMove } from "./move-marker.ts";
import { openNodeDisk } from "./node-disk.ts";
import { Packer } from "./packer.ts";
import { recipientColumns, recipientFrom } from "./record-rows.ts";
import { optionalNumber } from "./rows.ts";
import { SegmentStore, type SegmentStoreOptions } from "./segment-store.ts";
import { segmentNumber } from "./segments.ts";
import { SqlBlobs } from "./sql-blobs.ts";
import { createSqlDirectory } from "./sql-directory.ts";
import { createSqlJourneys } from "./sql-journeys.ts";
import { SqlKeyed } from "./sql-keyed.ts";
import { createSqlMail } from "./sql-mail.ts";
import { createSqlQueue } from "./sql-queue.ts";
import { SqlTables } from "./sql-tables.ts";
import { SqlWriter } from "./sql-writer.ts";
import { prepareStatements } from "./statements.ts";
import { Unflushed } from "./unflushed.ts";

export interface EmbeddedLimits {
  /** Bodies up to this many bytes ride inside the commit. */
  readonly inlineBytesMax: number;
  readonly segmentBytesMax: number;
  readonly groupMsMax: number;
  readonly groupBytesMax: number;
  /** New mail is refused when less than this would stay free on the disk. */
  readonly reserveBytes: number;
  /** Pages of 2 KiB that the database may have; SQLite's own limit by default. */
  readonly databasePagesMax: number;
  /** Age from which small bodies are packed. */
  readonly packAfterMs: number;
  /** How long changes of keyed state may wait for a commit that others need. */
  readonly keyedDelayMs: number;
}

export const defaultEmbeddedLimits: EmbeddedLimits = {
  inlineBytesMax,
  segmentBytesMax: 268_435_456,
  groupMsMax: 20,
  groupBytesMax: 2_097_152,
  reserveBytes: 134_217_728,
  databasePagesMax: 4_294_967_294,
  packAfterMs: 3_600_000,
  keyedDelayMs: 500,
};

export interface EmbeddedStoreOptions {
  /** Made when missing. Everything the store keeps lies below it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<EmbeddedLimits>;
  readonly retention?: Retention;
  /** For segments; the operating system's by default. */
  readonly disk?: Disk;
  /** Makes SQLite's write-ahead log durable; the file itself by default. */
  readonly walFile?: WalFile;
}

export type WalFile = Pick<DiskFile, "sync" | "close">;

export const databaseName = "golub.db";

export type EmbeddedStore = Store & Maintenance;

/**
 * Opens the store of one machine: SQLite for everything but large bodies, which lie in segments.
 * @throws Error with one sentence when another process has the folder or the schema is newer.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const lock = lockFolder(options.folder);
  try {
    return await open(options, lock);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

async function open(options: EmbeddedStoreOptions, lock: Disposable): Promise<EmbeddedStore> {
  const { folder, clock, log } = options;
  const limits = { ...defaultEmbeddedLimits, ...options.limits };
  const retention = options.retention ?? defaultRetention;
  const nowMs = () => clock.now();
  const database = openDatabase(folder, limits.databasePagesMax);
  refuseUnfinishedMove(database, folder);
  const checkpointer = new Checkpointer(path.join(folder, databaseName), database, log);
  const statements = prepareStatements(database);
  const cache = new AccountCache(statements);
  const journeyIndex = new JourneyIndex(statements, cache.undo);
  const copyReader = new CopyReader(database);
  const disk = options.disk ?? (await openNodeDisk(path.join(folder, "segments")));
  const guard = new DiskGuard({ disk, clock, log, reserveBytes: limits.reserveBytes });
  const segments = await openSegments(database, { disk, log, ...limits });
  const walFile = options.walFile ?? (await openWalFile(folder));
  const unflushed = new Unflushed();
  const keyed = new SqlKeyed(statements, () => flusher.start());
  const writer = new SqlWriter({
    database,
    statements,
    caches: [cache, journeyIndex],
    undo: cache.undo,
    keyed,
    unflushed,
    flush: () => walFile.sync(),
    onCommit: (bytes, jobCount) => checkpointer.committed(bytes, jobCount),
    clock,
    log,
    ...limits,
  });
  const flusher = new KeyedFlusher(clock, limits.keyedDelayMs, keyed, writer);
  const blobs = new SqlBlobs({
    statements,
    segments,
    nowMs,
    inlineBytesMax: limits.inlineBytesMax,
    checkRoom: (bytes) => guard.check(bytes),
  });
  const findStaged = (hash: BlobHash) => blobs.findStaged(hash);
  const tables = new SqlTables({
    statements,
    cache,
    copyReader,
    journeyIndex,
    nowMs,
    findStaged,
  });
  const feed = new FeedHub(log);
  const isStaged = (hash: BlobHash) => blobs.isStaged(hash);
  const housekeeper = new Housekeeper({
    clock,
    writer,
    blobs,
    retention,
    steps: createHousekeeping({ database, retention, isStaged }),
    packer: new Packer({ database, disk, segments, blobs, writer, ...limits }),
  });
  return {
    apply: async (batch) => {
      const { bytes, isMail } = sizeOfBatch(batch);
      if (isMail) guard.check(bytes);
      return writer.write(bytes, () => {
        const { applied, work } = applyBatch(tables, batch);
        if (work === undefined) return { answer: applied };
        return { answer: applied, work, publish: () => feed.publish(work) };
      });
    },
    mail: createSqlMail({ database, statements, cache, copyReader, unflushed }),
    directory: createSqlDirectory(statements, unflushed),
    queue: createSqlQueue(statements, unflushed, (wanted) =>
      writer.write(0, () => ({ answer: leaseDue(tables, wanted) })),
    ),
    journeys: createSqlJourneys(statements, journeyIndex, unflushed),
    keyed,
    blobs,
    feed,
    maintain: (now, budgetMs) => housekeeper.run(now, budgetMs),
    close: async () => {
      await flusher.stop();
      await writer.close();
      await segments.close();
      await checkpointer.close();
      await walFile.close();
      database.close();
      lock[Symbol.dispose]();
    },
  };
}

/** Opens or makes the database, with the newest schema. */
export function openDatabase(folder: string, pagesMax: number): DatabaseSync {
  const database = new DatabaseSync(path.join(folder, databaseName), { timeout: 5000 });
  try {
    // NORMAL by itself would lose what was acknowledged since the last checkpoint when the power
    // fails: the writer flushes the log after each commit, while the loop goes on (decision 0007).
    // Small pages: a delivery touches half a dozen pages at random and writes each of them whole.
    database.exec(`PRAGMA page_size = 2048; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;
      PRAGMA max_page_count = ${pagesMax}`);
    migrate(database);
    freeLeases(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Whoever held a lease is gone with the process that gave it. */
function freeLeases(database: DatabaseSync): void {
  const { leasedRecipients, putRecipient } = prepareStatements(database);
  database.exec("BEGIN IMMEDIATE");
  for (const row of leasedRecipients.all()) {
    const recipient = recipientFrom(row);
    putRecipient.run(...recipientColumns({ ...recipient, lease: 0, readyAtMs: recipient.dueAtMs }));
  }
  database.exec("COMMIT");
}

/** Opens what SQLite has open too: it never replaces the log while a connection is there. */
async function openWalFile(folder: string): Promise<WalFile> {
  const disk = await openNodeDisk(folder);
  const file = await disk.open(`${databaseName}-wal`);
  await file.sync();
  await disk.syncFolder();
  return file;
}

export async function openSegments(
  database: DatabaseSync,
  options: SegmentStoreOptions,
): Promise<SegmentStore> {
  const row = database.prepare("SELECT max(id) AS last FROM segment").get() ?? {};
  let last = optionalNumber(row, "last") ?? 0;
  for (const { name } of await options.disk.list()) {
    last = Math.max(last, segmentNumber(name) ?? 0);
  }
  return new SegmentStore(options, last);
}
