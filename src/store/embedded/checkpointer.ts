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
  readonly #log: Log;
  #worker: Worker | undefined;
  #isBroken = false;
  /** What the thread is at: nothing, most of the log beside our commits, or the rest of it. */
  #state: "idle" | "copying" | "restIsDue" | "copyingRest" = "idle";
  #restCopied: PromiseWithResolvers<void> | undefined;
  #gatheredBytes = 0;

  constructor(file: string, database: DatabaseSync, log: Log) {
    this.#file = file;
    this.#log = log;
    database.exec(`PRAGMA wal_autocheckpoint = ${pagesMax}`);
  }

  /**
   * Call after every flush. Returns something to wait for before the next commit: the little that
   * was committed beside the copying is copied while nobody writes, and the log starts over.
   */
  committed(bytes: number, jobCount: number): Promise<void> | undefined {
    this.#gatheredBytes += bytes + jobCount * jobBytes;
    if (this.#isBroken) return undefined;
    if (this.#state === "restIsDue") {
      this.#state = "copyingRest";
      this.#restCopied = Promise.withResolvers();
      this.#worker?.postMessage("checkpoint");
      return this.#restCopied.promise;
    }
    if (this.#state !== "idle" || this.#gatheredBytes < gatheredBytesMax) return undefined;
    this.#gatheredBytes = 0;
    this.#state = "copying";
    this.#worker ??= this.#start();
    this.#worker.postMessage("checkpoint");
    return undefined;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#restIsCopied();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), {
      workerData: this.#file,
    });
    worker.unref();
    worker.on("message", () => {
      if (this.#state === "copying") this.#state = "restIsDue";
      else this.#restIsCopied();
    });
    worker.on("error", (error) => {
      // Without the thread, SQLite copies within a commit, less often and more at once.
      this.#isBroken = true;
      this.#restIsCopied();
      this.#log.write("warn", "store.checkpointThreadFailed", { error: String(error) });
    });
    return worker;
  }

  #restIsCopied(): void {
    this.#state = "idle";
    this.#restCopied?.resolve();
    this.#restCopied = undefined;
  }
}
