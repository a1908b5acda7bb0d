import type { QueueId } from "../../base/ids.ts";
import type { RecipientRecord, Tables } from "./tables.ts";

export interface LeaseOptions {
  readonly nowMs: number;
  readonly leaseMs: number;
  readonly limit: number;
  readonly skipDestinations: readonly string[];
}

/** A lease before its message is read. */
export interface TakenLease {
  readonly lease: number;
  readonly untilMs: number;
  readonly queue: QueueId;
  readonly recipients: readonly RecipientRecord[];
}

/** Takes what is due, one lease per message and destination (see `QueueStore.lease`). */
export function leaseDue(tables: Tables, options: LeaseOptions): readonly TakenLease[] {
  const groups = new Map<string, { queue: QueueId; recipients: RecipientRecord[] }>();
  const skip = new Set(options.skipDestinations);
  if (options.limit <= 0) return [];
  for (const recipient of tables.readyRecipients(options.nowMs, skip)) {
    const key = `${recipient.queue} ${recipient.destination}`;
    if (groups.has(key)) continue;
    // All that are due for the destination go along, also those that became due later.
    const recipients = tables
      .recipients(recipient.queue)
      .filter((one) => one.destination === recipient.destination && isReady(one, options.nowMs));
    groups.set(key, { queue: recipient.queue, recipients });
    if (groups.size === options.limit) break;
  }
  const untilMs = options.nowMs + options.leaseMs;
  return Array.from(groups.values(), ({ queue, recipients }) => {
    const lease = tables.next("lease");
    const taken = recipients.map((recipient) => ({ ...recipient, lease, readyAtMs: untilMs }));
    for (const recipient of taken) tables.putRecipient(recipient);
    return { lease, untilMs, queue, recipients: taken };
  });
}

function isReady(recipient: RecipientRecord, nowMs: number): boolean {
  return !recipient.isHeld && recipient.readyAtMs <= nowMs;
}
