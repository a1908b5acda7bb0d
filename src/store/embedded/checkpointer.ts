import type { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import type { Log } from "../../base/log.ts";

/** About how much may gather in the write-ahead log before it is copied into the database. */
const gatheredBytesMax = 33_554_432;
/** About what a job adds to the log beside its own bytes: the pages of indexes that it touches. */
const jobBytes = 24_576;
/** Pages after which SQLite copies within a commit, in case the thread does not keep up. */
const pagesMax = 50_000;

/** Sees to it that the write-ahead log is copied into the database, mostly by another thread. */
export class Checkpointer {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #log: Log;
  #worker: Worker | undefined;
  #isBroken = false;
  #isAsked = false;
  #gatheredBytes = 0;

  constructor(file: string, database: DatabaseSync, log: Log) {
    this.#file = file;
    this.#database = database;
    this.#log = log;
    database.exec(`PRAGMA wal_autocheckpoint = ${pagesMax}`);
  }

  /** Call after every commit, outside of a transaction. */
  committed(bytes: number, jobCount: number): void {
    this.#gatheredBytes += bytes + jobCount * jobBytes;
    if (this.#gatheredBytes < gatheredBytesMax || this.#isAsked || this.#isBroken) return;
    this.#gatheredBytes = 0;
    this.#isAsked = true;
    this.#worker ??= this.#start();
    this.#worker.postMessage("checkpoint");
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), {
      workerData: this.#file,
    });
    worker.unref();
    worker.on("message", () => {
      this.#isAsked = false;
      // The little that was committed meanwhile; when nothing is left, the log starts over.
      this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    });
    worker.on("error", (error) => {
      // Without the thread, SQLite copies within a commit, less often and more at once.
      this.#isBroken = true;
      this.#log.write("warn", "store.checkpointThreadFailed", { error: String(error) });
    });
    return worker;
  }
}
