import { Refusal } from "../../base/faults.ts";
import { Connection } from "./connection.ts";
import { unavailable } from "./connector.ts";
import { explainOpening, faultOf, parseDatabaseUrl } from "./database-faults.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { takeAlone } from "./store-lock.ts";

/** A move may wait long for its other side; whoever set a limit did not think of it. */
const setUp: readonly string[] = [
  "SET tcp_keepalives_idle = 10",
  "SET tcp_keepalives_interval = 5",
  "SET tcp_keepalives_count = 3",
  "SET idle_in_transaction_session_timeout = 0",
  "SET statement_timeout = 0",
  "SET lock_timeout = 15000",
];

/**
 * The one connection of a move, which keeps servers from the store. `prepare` looks whether the
 * store can be moved.
 * @throws Refusal with one sentence.
 */
export async function openDumpConnection(
  text: string,
  prepare: (connection: Connection) => Promise<void>,
): Promise<Connection> {
  const url = parseDatabaseUrl(text);
  let connection: Connection | undefined;
  try {
    connection = await Connection.open({ url: text, name: "golub store move", setUp });
    await takeAlone(connection);
    await prepare(connection);
    return connection;
  } catch (error) {
    await connection?.close();
    if (error instanceof Refusal) throw error;
    throw new Refusal("unavailable", explainOpening(error, url), String(error));
  }
}

/**
 * Reads over that connection alone: one that was lost is not made again, since a server may have
 * written meanwhile.
 */
export function readOver(connection: Connection): ReaderPool {
  return {
    query: async (query, parameters) => {
      try {
        return await connection.query(query, parameters);
      } catch (error) {
        throw faultOf(error) === "refused" ? error : unavailable(error);
      }
    },
  };
}
