import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Holds a folder for this process as long as it lives. Node has no file locks of its own, but
 * SQLite takes one that the system lets go of when the process ends, however it ends.
 * @throws Error with one sentence for the person who started a second server.
 */
export function lockFolder(folder: string): Disposable {
  const database = new DatabaseSync(path.join(folder, "lock"), { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const isTaken = error instanceof Error && "errcode" in error && error.errcode === 5;
    if (!isTaken) throw error;
    throw new Error(
      `Another process uses the mail store in ${folder}: stop it first, or choose another folder.`,
      { cause: error },
    );
  }
  return { [Symbol.dispose]: () => database.close() };
}
