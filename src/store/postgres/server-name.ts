import { Refusal } from "../../base/faults.ts";
import { textKey } from "../rules/threads.ts";
import type { Connection } from "./connection.ts";
import { codeOf } from "./database-faults.ts";
import { statement } from "./statement.ts";

const sql = {
  take: statement("takeName", "SELECT pg_advisory_lock($1)"),
  // Whoever touches a recipient has its message's row locked.
  freeLeases: statement(
    "freeLeases",
    `WITH held AS (SELECT id FROM queue WHERE id IN
         (SELECT queue FROM recipient WHERE owner = $1 AND lease <> 0) ORDER BY id FOR UPDATE)
       UPDATE recipient SET lease = 0, owner = '', ready_at_ms = due_at_ms FROM held
         WHERE queue = held.id AND owner = $1 AND lease <> 0`,
  ),
} as const;

/** A server that was killed lets go of its name as soon as the database notices. */
const waitMs = 10_000;

/**
 * Makes sure that one server has a name as long as the connection lives.
 * @throws Refusal `inUse` when another keeps it.
 */
export async function takeName(connection: Connection, name: string): Promise<void> {
  try {
    await connection.run(`SET lock_timeout = ${waitMs}`);
    await connection.query(sql.take, [textKey(`server ${name}`)]);
  } catch (error) {
    if (codeOf(error) !== "55P03") throw error;
    throw new Refusal(
      "inUse",
      "Another process with this data folder uses the store: stop it first, or choose another --data.",
    );
  }
}

/** Whoever held these leases is gone with the process that took them under this name. */
export async function freeLeases(connection: Connection, name: string): Promise<void> {
  await connection.query(sql.freeLeases, [name]);
}
