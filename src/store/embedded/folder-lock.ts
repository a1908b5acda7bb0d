import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Refusal } from "../../base/faults.ts";

/**
 * Holds a folder for this process as long as it lives. Node has no file locks of its own, but
 * SQLite takes one that the system lets go of when the process ends, however it ends.
 * @throws Refusal `unavailable` with one sentence for the person who started a second server.
 */
export function lockFolder(folder: string): Disposable {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path.join(folder, "lock"), { timeout: 0 });
    database.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    const isTaken = error instanceof Error && "errcode" in error && error.errcode === 5;
    throw new Refusal(
      "unavailable",
      isTaken
        ? `Another process uses the mail store in ${folder}: stop it first, or choose another folder.`
        : `The mail store in ${folder} cannot be opened (${String(error)}).`,
    );
  }
  const held = database;
  return { [Symbol.dispose]: () => held.close() };
}
