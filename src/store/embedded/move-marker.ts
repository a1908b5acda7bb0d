import type { DatabaseSync } from "node:sqlite";
import { textOf } from "./rows.ts";

/** A move into a database that is not finished: a table of one row, gone when it is. */
const table = "move_marker";

/** What the move that fills a database keeps in it; undefined when none does. */
export function findMoveMarker(database: DatabaseSync): string | undefined {
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(table);
  if (isThere === undefined) return undefined;
  return textOf(database.prepare(`SELECT marker FROM ${table}`).get(), "marker");
}

/** Within the transaction at hand. */
export function setMoveMarker(database: DatabaseSync, marker: string): void {
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY, marker TEXT NOT NULL)`,
  );
  database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (1, ?)`).run(marker);
}

export function removeMoveMarker(database: DatabaseSync): void {
  database.exec(`DROP TABLE ${table}`);
}

/**
 * Keeps a server from a store that is only half there.
 * @throws Error with one sentence; the database is closed then.
 */
export function refuseUnfinishedMove(database: DatabaseSync, folder: string): void {
  if (findMoveMarker(database) === undefined) return;
  database.close();
  throw new Error(
    `The mail store in ${folder} is half copied: run "golub store move" again to finish it.`,
  );
}
