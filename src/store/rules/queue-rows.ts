import type { Lease, QueueEntry, QueueRecipient } from "../queue.ts";
import type { TakenLease } from "./lease-due.ts";
import type { QueueRecord, RecipientRecord } from "./tables.ts";

/** A recipient without the store's own columns. */
export function asRecipient(record: RecipientRecord): QueueRecipient {
  const { lease: _, readyAtMs: __, ...recipient } = record;
  return recipient;
}

export function asQueueEntry(
  record: QueueRecord,
  recipients: readonly RecipientRecord[],
): QueueEntry {
  return { ...record, recipients: recipients.map(asRecipient) };
}

export function asLease(taken: TakenLease, entry: QueueEntry): Lease {
  const { lease, untilMs } = taken;
  return { lease, untilMs, entry, recipients: taken.recipients.map(asRecipient) };
}
