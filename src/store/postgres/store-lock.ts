import { Refusal } from "../../base/faults.ts";
import { booleanOf } from "./rows.ts";
import type { Connection } from "./connection.ts";
import { type Statement, statement } from "./statement.ts";

/**
 * Who uses the store: every connection of every server shares this lock as long as it lives, and
 * whoever copies the store whole has it alone. Any number that is not the migrations'.
 */
const useLock = 0x75_73_65;

/** Part of what a server's connections begin with; waits no longer than other locks there do. */
export const shareStore = `SELECT pg_advisory_lock_shared(${useLock})`;

const sql = {
  share: statement("shareStore", `SELECT pg_try_advisory_lock_shared(${useLock}) AS is_ours`),
  own: statement("ownStore", `SELECT pg_try_advisory_lock(${useLock}) AS is_ours`),
  wait: statement("waitForStore", "SELECT pg_sleep(0.1)"),
} as const;

/** A process that was killed or has just closed is forgotten within this many tenths of a second. */
const triesMax = 10;

/**
 * Says that a server uses the store.
 * @throws Refusal `inUse` while it is being copied.
 */
export async function joinUse(connection: Connection): Promise<void> {
  if (await tryOften(connection, sql.share)) return;
  throw new Refusal(
    "inUse",
    'The store is being copied by "golub store move": start the server when that has finished.',
  );
}

/**
 * Keeps servers from the store as long as the connection lives.
 * @throws Refusal `inUse` while a server, or another copying, uses it.
 */
export async function takeAlone(connection: Connection): Promise<void> {
  if (await tryOften(connection, sql.own)) return;
  throw new Refusal(
    "inUse",
    "A server, or another move, uses the mail store in the PostgreSQL database: stop it first.",
  );
}

async function tryOften(connection: Connection, lock: Statement): Promise<boolean> {
  for (let tries = 0; tries < triesMax; tries++) {
    const [row] = await connection.query(lock);
    if (booleanOf(row ?? {}, "is_ours")) return true;
    await connection.query(sql.wait);
  }
  return false;
}
