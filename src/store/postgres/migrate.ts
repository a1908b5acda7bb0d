import type { Connection } from "./connection.ts";
import { first } from "./migrations/0001-first.ts";
import { annotations } from "./migrations/0002-annotations.ts";
import { numberOf } from "./rows.ts";
import { statement } from "./statement.ts";

/** In order and for good: an accepted one is never edited, a change is a new one. */
const migrations: readonly string[] = [first, annotations];

export const schemaVersion = migrations.length;

/** Any number that other programs are unlikely to lock in the same database: "golub". */
const migrationLock = 0x67_6f_6c_75;

const hasVersion = statement(
  "hasVersion",
  "SELECT to_regclass('golub_schema') IS NOT NULL AS has_version",
);
const readVersion = statement("readVersion", "SELECT max(version) AS version FROM golub_schema");

/**
 * Brings the schema to this program's version in one transaction: whole or not at all. Servers
 * that start together do it one after the other.
 * @throws Error with one sentence when the database was written by a newer program.
 */
export async function migrate(connection: Connection): Promise<void> {
  const known = await findVersion(connection);
  if (known === migrations.length) return;
  checkVersion(known);
  // Before the transaction begins: one that waits inside it may not see what the other made.
  await connection.run(`SELECT pg_advisory_lock(${migrationLock})`);
  try {
    await connection.run("BEGIN");
    // Read again: another server may have done it meanwhile.
    const version = await findVersion(connection);
    checkVersion(version);
    if (version === 0) {
      await connection.run(`CREATE TABLE IF NOT EXISTS golub_schema
        (version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`);
    }
    for (const [index, sql] of migrations.entries()) {
      if (index < version) continue;
      await connection.run(`${sql}; INSERT INTO golub_schema (version) VALUES (${index + 1})`);
    }
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => connection.destroy());
    throw error;
  } finally {
    await connection.run(`SELECT pg_advisory_unlock(${migrationLock})`).catch(ignoreLost);
  }
}

/** Of the store in the database; 0 when there is none. */
export async function findVersion(connection: Connection): Promise<number> {
  const [found] = await connection.query(hasVersion);
  if (found?.["has_version"] !== true) return 0;
  const [row] = await connection.query(readVersion);
  return typeof row?.["version"] === "number" ? numberOf(row, "version") : 0;
}

function checkVersion(version: number): void {
  if (version <= migrations.length) return;
  throw new Error(
    `The mail store has schema version ${version}, but this program knows only up to ` +
      `${migrations.length}: start it with the newer program that wrote it.`,
  );
}

/** The lock goes with the connection. */
function ignoreLost(): void {}
