import type { HiddenRows, Placed, RecordOf } from "../move/hidden-rows.ts";
import { compareText } from "../rules/names.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { type Row, numberOf, textOf } from "./rows.ts";
import { statement } from "./statement.ts";

/** U+10FFFF marks what sql-text.ts wrote otherwise. */
const isMarked = "strpos(key, U&'\\+10FFFF') > 0";

const sql = {
  plain: statement(
    "dumpPlainKeyed",
    `SELECT key, value, expires_at_ms FROM keyed WHERE key > $1 AND NOT ${isMarked}
       ORDER BY key LIMIT $2`,
  ),
  marked: statement(
    "dumpMarkedKeyed",
    `SELECT key, value, expires_at_ms FROM keyed WHERE ${isMarked}`,
  ),
} as const;

/**
 * Lists by key in the order of code points. The few keys that the database has in another form
 * (sql-text.ts) lie elsewhere in its own order: they are read once, and merged in.
 */
export function listKeyed(pool: ReaderPool): HiddenRows["keyed"] {
  let marked: Promise<readonly Placed<RecordOf<"keyed">>[]> | undefined;
  return async (after, limit) => {
    marked ??= pool.query(sql.marked).then((rows) => rows.map(placed));
    const start = after === undefined ? undefined : String(after);
    const rest = (await marked).filter(({ row }) => start === undefined || isAfter(row.key, start));
    // No plain key has U+0000: one that comes after "a\0b" is one that comes after "a".
    const [plainStart = ""] = (start ?? "").split("\0");
    const plain = (await pool.query(sql.plain, [plainStart, limit])).map(placed);
    if (rest.length === 0) return plain;
    return [...rest, ...plain].sort((a, b) => compareText(a.row.key, b.row.key)).slice(0, limit);
  };
}

function isAfter(key: string, start: string): boolean {
  return compareText(key, start) > 0;
}

function placed(row: Row): Placed<RecordOf<"keyed">> {
  const key = textOf(row, "key");
  const value = textOf(row, "value");
  const expiresAtMs = numberOf(row, "expires_at_ms");
  return { at: key, row: { kind: "keyed", key, value, expiresAtMs } };
}
