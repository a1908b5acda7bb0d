import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

/**
 * Copies the write-ahead log into the database on a thread of its own, since this takes tens of
 * milliseconds of writing and flushing. PASSIVE never makes the writer wait.
 */
const file: unknown = workerData;
if (parentPort === null || typeof file !== "string") throw new Error("made for a worker thread");
const port = parentPort;
const database = new DatabaseSync(file, { timeout: 0 });
const checkpoint = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");

port.on("message", () => {
  checkpoint.get();
  port.postMessage("done");
});
