import type { QueueId } from "../../base/ids.ts";
import type { Lease, QueueEntry, QueueStore } from "../queue.ts";
import type { TakenLease } from "../rules/lease-due.ts";
import { asLease, asQueueEntry } from "../rules/queue-rows.ts";
import type { MemoryDisk } from "./memory-disk.ts";

/** `takeLeases` leases in a commit of its own. */
export function createMemoryQueue(
  disk: MemoryDisk,
  takeLeases: (options: Parameters<QueueStore["lease"]>[0]) => Promise<readonly TakenLease[]>,
): QueueStore {
  const find = (id: QueueId): QueueEntry | undefined => {
    const record = disk.queue.get(id);
    if (record === undefined) return undefined;
    const recipients = disk.recipients.get(id)?.values().toArray() ?? [];
    return asQueueEntry(
      record,
      recipients.sort((a, b) => a.recipient - b.recipient),
    );
  };
  const recipients = () => disk.recipients.values().flatMap((records) => records.values());
  return {
    lease: async (options) => {
      const leases: Lease[] = [];
      for (const taken of await takeLeases(options)) {
        const entry = find(taken.queue);
        if (entry !== undefined) leases.push(asLease(taken, entry));
      }
      return leases;
    },
    nextDueAtMs: async () => {
      let next: number | undefined;
      for (const { isHeld, readyAtMs } of recipients()) {
        if (!isHeld && (next === undefined || readyAtMs < next)) next = readyAtMs;
      }
      return next;
    },
    list: async ({ after, limit } = {}) =>
      [...disk.queue.keys()]
        .filter((id) => after === undefined || id > after)
        .sort((a, b) => a - b)
        .slice(0, limit)
        .map(find)
        .filter((entry) => entry !== undefined),
    find: async (id) => find(id),
    counts: async () => ({
      messages: disk.queue.size,
      recipients: recipients().reduce((count) => count + 1, 0),
    }),
  };
}
