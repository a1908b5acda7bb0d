import { type QueueId, queueId } from "../../base/ids.ts";
import type { Lease, QueueEntry, QueueStore } from "../queue.ts";
import type { LeaseOptions, TakenLease } from "../rules/lease-due.ts";
import { asLease, asQueueEntry } from "../rules/queue-rows.ts";
import type { RecipientRecord } from "../rules/tables.ts";
import { int8s } from "./array-parameter.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { queueFrom, recipientFrom } from "./record-rows.ts";
import { numberOf, optionalNumber } from "./rows.ts";
import { statement } from "./statement.ts";

const sql = {
  ids: statement("queueIds", "SELECT id FROM queue WHERE id > $1 ORDER BY id LIMIT $2"),
  entries: statement("entries", "SELECT * FROM queue WHERE id = ANY($1::int8[])"),
  recipients: statement(
    "entryRecipients",
    "SELECT * FROM recipient WHERE queue = ANY($1::int8[]) ORDER BY queue, recipient",
  ),
  nextReady: statement(
    "nextReady",
    "SELECT min(ready_at_ms) AS next FROM recipient WHERE NOT is_held",
  ),
  counts: statement(
    "queueCounts",
    `SELECT (SELECT count(*) FROM queue) AS messages,
       (SELECT count(*) FROM recipient) AS recipients`,
  ),
} as const;

const noLimit = Number.MAX_SAFE_INTEGER;

/** `takeLeases` leases in the writer's next commit. */
export function createPostgresQueue(
  pool: ReaderPool,
  takeLeases: (options: LeaseOptions) => Promise<readonly TakenLease[]>,
): QueueStore {
  const read = async (ids: readonly QueueId[]): Promise<ReadonlyMap<QueueId, QueueEntry>> => {
    if (ids.length === 0) return new Map();
    const [entries, rows] = await Promise.all([
      pool.query(sql.entries, [int8s(ids)]),
      pool.query(sql.recipients, [int8s(ids)]),
    ]);
    const recipients = new Map<QueueId, RecipientRecord[]>();
    for (const recipient of rows.map(recipientFrom)) {
      const others = recipients.get(recipient.queue);
      if (others === undefined) recipients.set(recipient.queue, [recipient]);
      else others.push(recipient);
    }
    const records = entries.map(queueFrom);
    return new Map(
      records.map((record) => [record.id, asQueueEntry(record, recipients.get(record.id) ?? [])]),
    );
  };
  return {
    lease: async (options) => {
      const taken = await takeLeases(options);
      const entries = await read(taken.map(({ queue }) => queue));
      const leases: Lease[] = [];
      for (const one of taken) {
        // It may have been removed by hand since the commit.
        const entry = entries.get(one.queue);
        if (entry !== undefined) leases.push(asLease(one, entry));
      }
      return leases;
    },
    nextDueAtMs: async () => optionalNumber((await pool.query(sql.nextReady))[0], "next"),
    list: async ({ after, limit } = {}) => {
      const rows = await pool.query(sql.ids, [after ?? 0, limit ?? noLimit]);
      const ids = rows.map((row) => queueId(numberOf(row, "id")));
      const entries = await read(ids);
      return ids.map((id) => entries.get(id)).filter((entry) => entry !== undefined);
    },
    find: async (id) => (await read([id])).get(id),
    counts: async () => {
      const [row] = await pool.query(sql.counts);
      return { messages: numberOf(row, "messages"), recipients: numberOf(row, "recipients") };
    },
  };
}
