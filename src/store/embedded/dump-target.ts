import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../base/clock.ts";
import { Refusal, asRefusal } from "../../base/faults.ts";
import type { BlobHash } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import type { DumpRecord, DumpTarget } from "../move/dump.ts";
import { type ImportTables, importRecords } from "../move/import-records.ts";
import { AccountCache } from "./account-cache.ts";
import { CopyReader } from "./copy-reader.ts";
import { readDump } from "./dump-store.ts";
import { lockFolder } from "./folder-lock.ts";
import { JourneyIndex } from "./journey-index.ts";
import { findMoveMarker, removeMoveMarker, setMoveMarker } from "./move-marker.ts";
import { openNodeDisk } from "./node-disk.ts";
import { defaultEmbeddedLimits, openDatabase, openSegments } from "./open-embedded-store.ts";
import { numberOf } from "./rows.ts";
import type { SegmentStore } from "./segment-store.ts";
import type { Place } from "./segments.ts";
import { SqlTables } from "./sql-tables.ts";
import { prepareStatements } from "./statements.ts";

export interface EmbeddedTargetOptions {
  /** Made when missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens a folder to copy a store into it.
 * @throws Error with one sentence when another process has the folder or the schema is newer.
 */
export async function openEmbeddedTarget(options: EmbeddedTargetOptions): Promise<DumpTarget> {
  const { folder, log } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = lockFolder(folder);
  try {
    const { databasePagesMax, segmentBytesMax } = defaultEmbeddedLimits;
    const database = openDatabase(folder, databasePagesMax);
    // Commits follow each other quickly: fewer, larger checkpoints of the log.
    database.exec("PRAGMA wal_autocheckpoint = 65536");
    const disk = await openNodeDisk(path.join(folder, "segments"));
    const segments = await openSegments(database, { disk, log, segmentBytesMax });
    const importer = new Importer(database, segments, options.clock);
    return {
      ...readDump(database, segments),
      findMarker: async () => {
        const marker = findMoveMarker(database);
        if (marker === undefined) checkEmpty(database, folder);
        return marker;
      },
      import: (records, marker) => importer.import(records, marker),
      finish: async () => {
        removeMoveMarker(database);
        database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      },
      close: async () => {
        await segments.close();
        database.close();
        lock[Symbol.dispose]();
      },
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

const tablesThatTell = ["account", "domain", "alias", "queue", "journey_part", "batch_key"];

function checkEmpty(database: DatabaseSync, folder: string): void {
  for (const table of [...tablesThatTell, "blob", "keyed", "counter"]) {
    if (database.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined) continue;
    throw new Refusal(
      "conflict",
      `There is a mail store in ${folder} already: choose an empty or new folder.`,
    );
  }
}

/** Writes records as the engine itself would, one transaction for each call. */
class Importer {
  readonly #database: DatabaseSync;
  readonly #segments: SegmentStore;
  readonly #clock: Clock;
  readonly #statements;
  readonly #cache: AccountCache;
  readonly #journeyIndex: JourneyIndex;
  readonly #into: ImportTables;
  /** Bodies of the records at hand. */
  #places = new Map<BlobHash, Place>();
  #nowMs = 0;

  constructor(database: DatabaseSync, segments: SegmentStore, clock: Clock) {
    this.#database = database;
    this.#segments = segments;
    this.#clock = clock;
    this.#statements = prepareStatements(database);
    this.#cache = new AccountCache(this.#statements);
    this.#journeyIndex = new JourneyIndex(this.#statements, this.#cache.undo);
    this.#into = this.#createTables();
  }

  async import(records: readonly DumpRecord[], marker: string): Promise<void> {
    await this.#appendBodies(records);
    this.#nowMs = this.#clock.now();
    const { begin, commit, rollback } = this.#statements;
    try {
      begin.run();
      importRecords(this.#into, records);
      this.#cache.flush();
      this.#journeyIndex.flush();
      setMoveMarker(this.#database, marker);
      commit.run();
      this.#cache.undo.forget();
    } catch (error) {
      if (this.#database.isTransaction) rollback.run();
      this.#cache.clear();
      this.#journeyIndex.clear();
      throw refusalOf(error);
    }
  }

  /** All of a chunk together, since they then share a flush, before any row names them. */
  async #appendBodies(records: readonly DumpRecord[]): Promise<void> {
    this.#places = new Map();
    const bodies = records.filter((record) => record.kind === "body");
    await Promise.all(
      bodies.map(async ({ hash, parts, sizeBytes }) => {
        this.#places.set(hash, await this.#segments.append(hash, parts, sizeBytes));
      }),
    );
  }

  #createTables(): ImportTables {
    const statements = this.#statements;
    const tables = new SqlTables({
      statements,
      cache: this.#cache,
      copyReader: new CopyReader(this.#database),
      journeyIndex: this.#journeyIndex,
      nowMs: () => this.#nowMs,
      findStaged: () => undefined,
    });
    const setCounter = this.#database.prepare("INSERT OR REPLACE INTO counter VALUES (?, ?)");
    return {
      tables,
      setNow: (atMs) => (this.#nowMs = atMs),
      setCounter: (name, value) => void setCounter.run(name, value),
      addBody: ({ hash, sizeBytes }) => {
        const row = statements.keepBlob.get(Buffer.from(hash, "hex"), sizeBytes, this.#nowMs);
        const id = numberOf(row, "id");
        const place = this.#places.get(hash);
        if (place !== undefined) statements.placeBlob.run(place.segment, place.position, id);
        // Those who use it will count themselves.
        statements.releaseBlob.get(this.#nowMs, id);
      },
      setKeyed: (key, value, expiresAtMs) => void statements.setKeyed.run(key, value, expiresAtMs),
    };
  }
}

function refusalOf(error: unknown): Refusal {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  if (code === 13) return new Refusal("diskFull", "The disk of the target is full.", String(error));
  return asRefusal(error);
}
