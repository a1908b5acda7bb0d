import { type QueueId, queueId } from "../../base/ids.ts";
import type { Lease, QueueEntry, QueueStore } from "../queue.ts";
import type { LeaseOptions, TakenLease } from "../rules/lease-due.ts";
import { asLease, asQueueEntry } from "../rules/queue-rows.ts";
import { queueFrom, recipientFrom } from "./record-rows.ts";
import { numberOf, optionalNumber } from "./rows.ts";
import type { Statements } from "./statements.ts";
import type { Unflushed } from "./unflushed.ts";

const noLimit = -1;

/** `takeLeases` leases in the writer's next commit. */
export function createSqlQueue(
  sql: Statements,
  unflushed: Unflushed,
  takeLeases: (options: LeaseOptions) => Promise<readonly TakenLease[]>,
): QueueStore {
  const find = (id: QueueId): QueueEntry | undefined => {
    const row = sql.findQueue.get(id);
    if (row === undefined) return undefined;
    return asQueueEntry(queueFrom(row), sql.recipients.all(id).map(recipientFrom));
  };
  return {
    lease: async (options) => {
      const leases: Lease[] = [];
      for (const taken of await takeLeases(options)) {
        // It may have been removed by hand since the commit.
        const entry = find(taken.queue);
        if (entry !== undefined) leases.push(asLease(taken, entry));
      }
      return leases;
    },
    nextDueAtMs: async () => {
      await unflushed.queue();
      return optionalNumber(sql.nextReady.get() ?? {}, "next");
    },
    list: async ({ after, limit } = {}) => {
      await unflushed.queue();
      return sql.queueIds
        .all(after ?? 0, limit ?? noLimit)
        .map((row) => find(queueId(numberOf(row, "id"))))
        .filter((entry) => entry !== undefined);
    },
    find: async (id) => {
      await unflushed.queue();
      return find(id);
    },
    counts: async () => {
      await unflushed.queue();
      const row = sql.queueCounts.get();
      return { messages: numberOf(row, "messages"), recipients: numberOf(row, "recipients") };
    },
  };
}
