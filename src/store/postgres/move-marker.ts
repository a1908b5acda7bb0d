import { Refusal } from "../../base/faults.ts";
import type { Connection, Parameter } from "./connection.ts";
import { textOf } from "./rows.ts";
import { type Statement, statement } from "./statement.ts";

/** A move into a database that is not finished: a table of one row, gone when it is. */
export const moveMarkerSql = {
  isThere: statement("hasMoveMarker", "SELECT to_regclass('move_marker') IS NOT NULL AS is_there"),
  create: "CREATE TABLE move_marker (id integer PRIMARY KEY, marker text NOT NULL)",
  get: statement("getMoveMarker", "SELECT marker FROM move_marker"),
  set: statement(
    "setMoveMarker",
    `INSERT INTO move_marker VALUES (1, $1)
       ON CONFLICT (id) DO UPDATE SET marker = excluded.marker`,
  ),
  drop: "DROP TABLE move_marker",
} as const;

/** What the move that fills a database keeps in it; undefined when none does. */
export async function findMoveMarker(connection: Connection): Promise<string | undefined> {
  const [found] = await connection.query(moveMarkerSql.isThere);
  if (found?.["is_there"] !== true) return undefined;
  return textOf((await connection.query(moveMarkerSql.get))[0], "marker");
}

/** The statement that sets it, with its parameters. */
export function markerWrite(marker: string): readonly [Statement, readonly Parameter[]] {
  return [moveMarkerSql.set, [marker]];
}

/**
 * Keeps a server from a store that is only half there.
 * @throws Refusal `conflict` with one sentence.
 */
export async function refuseUnfinishedMove(connection: Connection): Promise<void> {
  if ((await findMoveMarker(connection)) === undefined) return;
  throw new Refusal(
    "conflict",
    'The mail store in the PostgreSQL database is half copied: run "golub store move" again to ' +
      "finish it.",
  );
}
