import type { KeyedStore } from "../keyed.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { textOf } from "./rows.ts";
import { statement } from "./statement.ts";

const sql = {
  get: statement("getKeyed", "SELECT value FROM keyed WHERE key = $1 AND expires_at_ms > $2"),
  set: statement(
    "setKeyed",
    `INSERT INTO keyed VALUES ($1, $2, $3)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value,
         expires_at_ms = excluded.expires_at_ms`,
  ),
  increment: statement(
    "incrementKeyed",
    `INSERT INTO keyed VALUES ($1, ($2::float8)::text, $3)
       ON CONFLICT (key) DO UPDATE SET
         value = CASE WHEN keyed.expires_at_ms > $4 THEN (keyed.value::float8 + $2::float8)::text
           ELSE excluded.value END,
         expires_at_ms = CASE WHEN keyed.expires_at_ms > $4 THEN keyed.expires_at_ms
           ELSE excluded.expires_at_ms END
       RETURNING value`,
  ),
  remove: statement("removeKeyed", "DELETE FROM keyed WHERE key = $1"),
} as const;

/**
 * Small state with an expiry, shared by all servers. `pool` has connections whose commits do not
 * wait for the disk (`synchronous_commit = off`): a crash may lose the last ones, which
 * `KeyedStore` allows.
 */
export function createPostgresKeyed(pool: ReaderPool): KeyedStore {
  return {
    get: async (key, nowMs) => {
      const [row] = await pool.query(sql.get, [key, nowMs]);
      return row === undefined ? undefined : textOf(row, "value");
    },
    set: async (key, value, expiresAtMs) => {
      await pool.query(sql.set, [key, value, expiresAtMs]);
    },
    increment: async (key, by, nowMs, expiresAtMs) => {
      const [row] = await pool.query(sql.increment, [key, by, expiresAtMs, nowMs]);
      return Number(textOf(row, "value"));
    },
    remove: async (key) => {
      await pool.query(sql.remove, [key]);
    },
  };
}
