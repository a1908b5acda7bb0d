import type { DatabaseSync } from "node:sqlite";
import { first } from "./migrations/0001-first.ts";
import { annotations } from "./migrations/0002-annotations.ts";

/** In order and for good: an accepted one is never edited, a change is a new one. */
const migrations: readonly string[] = [first, annotations];

/** The version of the schema that this program writes. */
export const schemaVersion = migrations.length;

/**
 * Brings the schema to this program's version, each step whole or not at all.
 * @throws Error when the database was written by a newer program.
 */
export function migrate(database: DatabaseSync): void {
  const version = readVersion(database);
  if (version > migrations.length) {
    throw new Error(
      `The mail store has schema version ${version}, but this program knows only up to ` +
        `${migrations.length}: start it with the newer program that wrote it.`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}

/** The version of the schema that a database has; 0 for an empty one. */
export function readVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
}
