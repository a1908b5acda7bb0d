import { Refusal } from "../../base/faults.ts";
import { queueId, type QueueId } from "../../base/ids.ts";
import type { QueueChange, QueueResult } from "../queue.ts";
import type { QueueRecord, RecipientRecord } from "./tables.ts";
import type { Work } from "./work.ts";

type ChangeOf<Kind extends QueueChange["kind"]> = Extract<QueueChange, { kind: Kind }>;

const done: QueueResult = { kind: "queue" };

export function applyQueue(work: Work, change: QueueChange): QueueResult {
  work.isQueueTouched = true;
  switch (change.kind) {
    case "queue.add":
      return addToQueue(work, change);
    case "queue.settle":
      return settle(work, change);
    case "queue.retryAt":
      for (const recipient of recipientsOf(work, change.queue)) {
        const { dueAtMs } = change;
        const readyAtMs = recipient.lease === 0 ? dueAtMs : recipient.readyAtMs;
        work.tables.putRecipient({ ...recipient, dueAtMs, readyAtMs });
      }
      return done;
    case "queue.hold":
      for (const recipient of recipientsOf(work, change.queue)) {
        work.tables.putRecipient({ ...recipient, isHeld: change.isHeld });
      }
      return done;
    case "queue.remove":
      work.tables.removeQueue(getQueue(work, change.queue).id);
      return done;
  }
}

function addToQueue(work: Work, change: ChangeOf<"queue.add">): QueueResult {
  const { tables } = work;
  const { message, blob, dueAtMs } = change;
  if (change.recipients.length === 0) {
    throw new Refusal("syntax", "A message needs a recipient.");
  }
  const id = queueId(tables.next("queue"));
  const { hash, sizeBytes: bodyBytes } = blob;
  tables.addQueue({ id, message, hash, bodyBytes, queuedAtMs: work.atMs }, blob);
  for (const [recipient, wanted] of change.recipients.entries()) {
    tables.putRecipient({
      ...wanted,
      queue: id,
      recipient,
      attemptCount: 0,
      dueAtMs,
      lastAnswer: "",
      isDelayNoticed: false,
      isHeld: false,
      lease: 0,
      readyAtMs: dueAtMs,
    });
  }
  return { kind: "queue.add", queue: id };
}

function settle(work: Work, change: ChangeOf<"queue.settle">): QueueResult {
  const { tables } = work;
  const { queue, outcome } = change;
  const recipient = tables.findRecipient(queue, change.recipient);
  if (recipient === undefined || recipient.lease === 0 || recipient.lease !== change.lease) {
    throw new Refusal("conflict", "Another worker has this recipient now.");
  }
  switch (outcome.kind) {
    case "done":
      tables.removeRecipient(queue, change.recipient);
      if (tables.recipients(queue).length === 0) tables.removeQueue(queue);
      return done;
    case "retry": {
      const { dueAtMs, lastAnswer, isDelayNoticed } = outcome;
      const attemptCount = recipient.attemptCount + 1;
      const rest = { dueAtMs, readyAtMs: dueAtMs, lastAnswer, isDelayNoticed, attemptCount };
      tables.putRecipient({ ...recipient, ...rest, lease: 0 });
      return done;
    }
    case "release": {
      const { dueAtMs } = outcome;
      tables.putRecipient({ ...recipient, dueAtMs, readyAtMs: dueAtMs, lease: 0 });
      return done;
    }
  }
}

function getQueue(work: Work, id: QueueId): QueueRecord {
  const entry = work.tables.findQueue(id);
  if (entry === undefined) throw new Refusal("conflict", "The message is not in the queue.");
  return entry;
}

function recipientsOf(work: Work, id: QueueId): readonly RecipientRecord[] {
  return work.tables.recipients(getQueue(work, id).id);
}
