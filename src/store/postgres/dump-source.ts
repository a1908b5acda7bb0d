import { Refusal } from "../../base/faults.ts";
import type { DumpSource } from "../move/dump.ts";
import type { Connection } from "./connection.ts";
import { openDumpConnection, readOver } from "./dump-connection.ts";
import { readDump } from "./dump-store.ts";
import { findVersion, schemaVersion } from "./migrate.ts";
import { refuseUnfinishedMove } from "./move-marker.ts";
import { textOf } from "./rows.ts";
import { statement } from "./statement.ts";

const sql = {
  isReplica: statement("isReplica", "SELECT pg_is_in_recovery() AS is_replica"),
  /**
   * Each commit of a batch or lease leaves a name that no other has. Those go after an hour, so
   * the rest tells of what happened before; sums of hashes do not depend on any order.
   */
  fingerprint: statement(
    "dumpFingerprint",
    `SELECT concat_ws('/',
       (SELECT concat_ws('.', count(*), sum(hashtextextended(key, try))) FROM commit_key),
       (SELECT concat_ws('.', count(*), sum(hashtextextended(
          concat_ws(' ', id, address, mod_seq), 0))) FROM account),
       (SELECT value FROM counter WHERE name = 'directory'),
       (SELECT concat_ws('.', last_value, is_called) FROM account_number),
       (SELECT concat_ws('.', last_value, is_called) FROM queue_number),
       (SELECT concat_ws('.', last_value, is_called) FROM lease_number),
       (SELECT concat_ws('.', count(*), sum(hashtextextended(
          concat_ws(' ', queue, recipient, is_held, lease, due_at_ms, rest), 0))) FROM recipient),
       (SELECT concat_ws('.', count(*), sum(hashtextextended(
          concat_ws(' ', account, message, copies, gone_at_ms), 0))) FROM copy_count),
       (SELECT concat_ws('.', min(number), max(number)) FROM journey_part),
       (SELECT count(*) FROM batch_key),
       (SELECT concat_ws('.', count(*), sum(hashtextextended(
          concat_ws(' ', length(key), key, value, expires_at_ms), 0))) FROM keyed)) AS fingerprint`,
  ),
} as const;

/**
 * Opens the store in a database to copy it, in one transaction that can only read.
 * @throws Refusal with one sentence: no store there, in use, of another schema, half copied itself.
 */
export async function openPostgresSource(url: string): Promise<DumpSource> {
  const connection = await openDumpConnection(url, async (opened) => {
    // After the lock: what a server wrote before it let go is seen.
    await opened.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await checkStore(opened);
    await refuseUnfinishedMove(opened);
  });
  const pool = readOver(connection);
  return {
    ...readDump(pool),
    fingerprint: async () => textOf((await pool.query(sql.fingerprint))[0], "fingerprint"),
    close: () => connection.close(),
  };
}

async function checkStore(connection: Connection): Promise<void> {
  const [replica] = await connection.query(sql.isReplica);
  if (replica?.["is_replica"] === true) {
    // Servers hold their lock at the other one.
    throw new Refusal(
      "unsupported",
      "That PostgreSQL server is a replica of another, where servers may run unnoticed: name " +
        "the primary one.",
    );
  }
  const version = await findVersion(connection);
  if (version === schemaVersion) return;
  if (version === 0) {
    throw new Refusal("unsupported", "There is no mail store in the PostgreSQL database.");
  }
  const how =
    version > schemaVersion
      ? "move it with the newer program that wrote it"
      : "start this version's server on it once, stop it, and move it then";
  throw new Refusal(
    "unsupported",
    `The mail store in the PostgreSQL database has schema version ${version}, not ` +
      `${schemaVersion}: ${how}.`,
  );
}
