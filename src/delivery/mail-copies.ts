import type { AccountId, JourneyId, MailboxId } from "../base/ids.ts";
import type { StagedBlob } from "../store/blobs.ts";
import type { MailChange, MessageFacts } from "../store/mail-changes.ts";
import type { NewQueueRecipient, QueueChange, QueueMessage } from "../store/queue.ts";
import { shiftStructure } from "./shift-structure.ts";

/** A body that is stored, and what was computed of it, without any prefix. */
export interface StoredBody {
  readonly blob: StagedBlob;
  readonly facts: MessageFacts;
  readonly journey: JourneyId;
  readonly nowMs: number;
}

export interface CopyPlace {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly prefix: Uint8Array;
  readonly enforceQuota: boolean;
}

/** One copy in a mailbox. */
export function mailCopy(body: StoredBody, place: CopyPlace): MailChange {
  const { blob, facts, journey, nowMs } = body;
  const structure = shiftStructure(facts.structure, place.prefix.length);
  return {
    kind: "mail.messageAdd",
    account: place.account,
    mailbox: place.mailbox,
    message: { blob, prefix: place.prefix, facts: { ...facts, structure }, journey },
    flags: { system: 0, keywords: [] },
    internalDateMs: nowMs,
    enforceQuota: place.enforceQuota,
  };
}

/** One entry of the queue for everybody elsewhere. */
export function queueCopy(
  body: StoredBody,
  message: Omit<QueueMessage, "journey">,
  recipients: readonly NewQueueRecipient[],
): QueueChange {
  const { blob, journey, nowMs } = body;
  const dueAtMs = nowMs;
  return { kind: "queue.add", message: { ...message, journey }, blob, recipients, dueAtMs };
}
