import type { Clock } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import type { Log } from "../../base/log.ts";
import type { DumpTarget } from "../move/dump.ts";
import type { Connection } from "./connection.ts";
import { openDumpConnection, readOver } from "./dump-connection.ts";
import { readDump } from "./dump-store.ts";
import { importChunk } from "./import-chunk.ts";
import { findMoveMarker, moveMarkerSql } from "./move-marker.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { statement } from "./statement.ts";

export interface PostgresTargetOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
}

const tablesThatTell = ["account", "removed_account", "domain", "alias", "queue", "journey_part"];
const othersThatTell = ["batch_key", "commit_key", "blob", "keyed"];

const isUsed = statement(
  "isStoreUsed",
  `SELECT (SELECT value FROM counter WHERE name = 'directory') > 0 ${[
    ...[...tablesThatTell, ...othersThatTell].map((table) => `OR EXISTS (SELECT FROM ${table})`),
    ...["account", "queue", "lease"].map((name) => `OR (SELECT is_called FROM ${name}_number)`),
  ].join(" ")} AS is_used`,
);

/**
 * Opens a database to copy a store into it; makes the schema when it is missing.
 * @throws Refusal with one sentence when a server uses it or its schema is newer.
 */
export async function openPostgresTarget(options: PostgresTargetOptions): Promise<DumpTarget> {
  const { url, clock, log } = options;
  const connection = await openDumpConnection(url, async (opened) => {
    await prepareDatabase(opened, log);
    // Only the end of the move must be durable, and then all before it is.
    await opened.run("SET synchronous_commit = off");
  });
  return {
    ...readDump(readOver(connection)),
    findMarker: async () => {
      const marker = await findMoveMarker(connection);
      if (marker === undefined) await checkEmpty(connection);
      return marker;
    },
    import: (records, marker) => importChunk({ connection, records, marker, nowMs: clock.now() }),
    finish: async () => {
      await connection.run("SET synchronous_commit = on");
      await connection.run(moveMarkerSql.drop);
    },
    close: () => connection.close(),
  };
}

async function checkEmpty(connection: Connection): Promise<void> {
  const [row] = await connection.query(isUsed);
  if (row?.["is_used"] !== true) return;
  throw new Refusal(
    "conflict",
    "There is a mail store in the PostgreSQL database already: make a new database.",
  );
}
