import { Refusal } from "../../base/faults.ts";
import type { Log } from "../../base/log.ts";
import type { Connection } from "./connection.ts";
import { migrate } from "./migrate.ts";
import { type Row, textOf } from "./rows.ts";
import { statement } from "./statement.ts";

const settings = statement(
  "serverSettings",
  `SELECT current_setting('server_version_num') AS version, current_setting('server_version') AS name,
     current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,
     current_setting('full_page_writes') AS full_pages,
     current_setting('synchronous_commit') AS commits`,
);

const oldestVersion = 150_000;

/**
 * Checks that the server fits and brings the schema to this program's version.
 * @throws Refusal with one sentence when it does not fit; then nothing was changed.
 */
export async function prepareDatabase(connection: Connection, log: Log): Promise<void> {
  const [row] = await connection.query(settings);
  checkServer(row);
  const isSafe = ["fsync", "full_pages", "commits"].every((name) => textOf(row, name) !== "off");
  if (!isSafe) {
    log.write("warn", "store.databaseNotDurable", {
      fsync: textOf(row, "fsync"),
      fullPageWrites: textOf(row, "full_pages"),
      synchronousCommit: textOf(row, "commits"),
    });
  }
  await migrate(connection);
}

/** @throws Refusal when the server is too old or the database not in UTF-8. */
export function checkServer(row: Row | undefined): void {
  if (Number(textOf(row, "version")) < oldestVersion) {
    throw new Refusal(
      "unsupported",
      `PostgreSQL ${textOf(row, "name")} is too old: version 15 or later is needed.`,
    );
  }
  if (textOf(row, "encoding") !== "UTF8") {
    throw new Refusal(
      "unsupported",
      `The database has the encoding ${textOf(row, "encoding")}: make one with UTF8.`,
    );
  }
}
