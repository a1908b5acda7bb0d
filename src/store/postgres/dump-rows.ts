import { type MessageId, journeyId, messageId, threadId } from "../../base/ids.ts";
import type { CopyCount, HiddenRows, Place, Placed } from "../move/hidden-rows.ts";
import { listKeyed } from "./dump-keyed.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { accountFrom, hashFrom } from "./record-rows.ts";
import { type Row, bytesOf, numberOf, textOf } from "./rows.ts";
import { type Statement, statement } from "./statement.ts";

const sql = {
  // Of sequences, the number given last, 0 before the first.
  counters: statement(
    "dumpCounters",
    `SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM account_number) AS account,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM queue_number) AS queue,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM lease_number) AS lease,
       (SELECT value FROM counter WHERE name = 'directory') AS directory`,
  ),
  totals: statement(
    "dumpTotals",
    `SELECT count(*) AS accounts, coalesce(sum(message_count), 0) +
         (SELECT count(*) FROM copy_count WHERE copies = 0) AS messages,
       (SELECT count(*) FROM blob WHERE ref_count > 0) AS bodies,
       (SELECT coalesce(sum(size_bytes), 0) FROM blob WHERE ref_count > 0) AS body_bytes
     FROM account`,
  ),
  account: statement("dumpAccount", "SELECT * FROM account WHERE id = $1"),
  copyCounts: statement(
    "dumpCopyCounts",
    `SELECT message, copies, gone_at_ms FROM copy_count
       WHERE account = $1 AND message BETWEEN $2 AND $3`,
  ),
  threads: statement(
    "dumpThreads",
    "SELECT key, thread FROM thread WHERE account = $1 AND key > $2 ORDER BY key LIMIT $3",
  ),
  // Those of accounts that were removed too, until housekeeping has freed them: it does no harm.
  bodies: statement(
    "dumpBodies",
    `SELECT hash, size_bytes FROM blob WHERE hash > $1 AND ref_count > 0
       ORDER BY hash LIMIT $2`,
  ),
  journeys: statement(
    "dumpJourneys",
    `SELECT number, journey, at_ms, part FROM journey_part WHERE number > $1
       ORDER BY number LIMIT $2`,
  ),
  batchKeys: statement(
    "dumpBatchKeys",
    "SELECT key, at_ms FROM batch_key WHERE key > $1 ORDER BY key LIMIT $2",
  ),
} as const;

/** What an export of the database has beside the answers of reads. */
export function createHiddenRows(pool: ReaderPool): HiddenRows {
  return {
    totals: async () => {
      const [row] = await pool.query(sql.totals);
      return {
        accounts: numberOf(row, "accounts"),
        messages: numberOf(row, "messages"),
        bodies: numberOf(row, "bodies"),
        bodyBytes: numberOf(row, "body_bytes"),
      };
    },
    counters: async () => {
      const [row] = await pool.query(sql.counters);
      return {
        account: numberOf(row, "account"),
        queue: numberOf(row, "queue"),
        lease: numberOf(row, "lease"),
        directory: numberOf(row, "directory"),
      };
    },
    account: async (id) => accountFrom((await pool.query(sql.account, [id]))[0] ?? {}),
    copyCounts: async (account, first, last) => {
      const counts = new Map<MessageId, CopyCount>();
      for (const row of await pool.query(sql.copyCounts, [account, first, last])) {
        const copyCount = numberOf(row, "copies");
        const goneAtMs = copyCount === 0 ? numberOf(row, "gone_at_ms") : 0;
        counts.set(messageId(numberOf(row, "message")), { copyCount, goneAtMs });
      }
      return counts;
    },
    threads: async (account, after, limit) => {
      const rows = await pool.query(sql.threads, [account, after ?? -1, limit]);
      return rows.map((row) => {
        const key = numberOf(row, "key");
        const thread = threadId(numberOf(row, "thread"));
        return { at: key, row: { kind: "thread", account, key, thread } };
      });
    },
    bodies: async (after, limit) => {
      const start = Buffer.from(String(after ?? ""), "hex");
      return (await pool.query(sql.bodies, [start, limit])).map((row) => {
        const hash = hashFrom(bytesOf(row, "hash"));
        return { at: hash, row: { hash, sizeBytes: numberOf(row, "size_bytes") } };
      });
    },
    journeys: list(pool, sql.journeys, 0, (row) => ({
      at: numberOf(row, "number"),
      row: {
        ...JSON.parse(textOf(row, "part")),
        kind: "journey",
        journey: journeyId(textOf(row, "journey")),
        atMs: numberOf(row, "at_ms"),
      },
    })),
    batchKeys: list(pool, sql.batchKeys, "", (row) => ({
      at: textOf(row, "key"),
      row: { kind: "batchKey", key: textOf(row, "key"), atMs: numberOf(row, "at_ms") },
    })),
    keyed: listKeyed(pool),
  };
}

function list<Found>(
  pool: ReaderPool,
  query: Statement,
  start: Place,
  read: (row: Row) => Placed<Found>,
): (after: Place | undefined, limit: number) => Promise<readonly Placed<Found>[]> {
  return async (after, limit) => (await pool.query(query, [after ?? start, limit])).map(read);
}
