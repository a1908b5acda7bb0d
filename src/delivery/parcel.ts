import { concat } from "../base/bytes.ts";
import type { Refusal } from "../base/faults.ts";
import type { DsnRecipient } from "../message/dsn.ts";
import type { Change } from "../store/batch.ts";
import type { JourneyStep } from "../store/journeys.ts";
import type { NewQueueRecipient } from "../store/queue.ts";
import type { AcceptedRecipient, Notice, Submission } from "./delivery.ts";
import type { RemoteTarget, Target, Targets } from "./expand-recipients.ts";
import { mailCopy, queueCopy, type StoredBody } from "./mail-copies.ts";
import { type NoticeContext, noticeChanges, statusNotice } from "./notices.ts";
import type { Prefixes } from "./prefix.ts";
import type { PreparedBody } from "./prepare-body.ts";

/** A message with all that is known about where it goes. */
export interface Parcel {
  readonly submission: Submission;
  readonly prepared: PreparedBody;
  readonly prefixes: Prefixes;
  readonly body: StoredBody;
  readonly targets: Targets;
  /** Who gets no copy, and why. */
  readonly failures: Map<Target, Refusal>;
}

/** Everything that one accepted message changes: copies, the queue, notices, its journey. */
export async function parcelChanges(
  context: NoticeContext,
  parcel: Parcel,
): Promise<readonly Change[]> {
  const { submission, body, targets, failures, prefixes } = parcel;
  const changes: Change[] = [];
  const steps: JourneyStep[] = [];
  const step = (kind: string, facts: JourneyStep["facts"]) =>
    steps.push({ atMs: body.nowMs, kind, facts });
  for (const target of targets.local) {
    const { account, detail } = target;
    const refusal = failures.get(target);
    if (refusal !== undefined) {
      step("delivery.failed", { account: account.address, reason: refusal.reason });
      continue;
    }
    const mailbox = await context.inboxes.get(account.id);
    const prefix = prefixes.forMailbox(account.address);
    changes.push(mailCopy(body, { account: account.id, mailbox, prefix, enforceQuota: true }));
    step("delivery.stored", {
      account: account.address,
      mailbox: "INBOX",
      ...(detail === "" ? {} : { detail }),
    });
  }
  for (const target of targets.remote) {
    const refusal = failures.get(target);
    if (refusal === undefined) continue;
    step("delivery.failed", { account: target.forwardedBy ?? "", reason: refusal.reason });
  }
  const queued = targets.remote.filter((target) => !failures.has(target));
  // One entry for each address that forwards: its Delivered-To is not the others' to see.
  for (const [by, group] of Map.groupBy(queued, (target) => target.forwardedBy)) {
    changes.push(queueChange(context, parcel, by, group));
    step("delivery.queued", {
      recipients: group.map((target) => target.address),
      ...(by === undefined ? {} : { forwardedBy: by }),
    });
  }
  const notice = noticeOf(context, parcel);
  changes.push({
    kind: "journey.append",
    journey: submission.journey,
    steps: [...submission.steps, ...steps],
    messageIdHeader: body.facts.messageIdHeader,
    addresses: addressesOf(parcel),
  });
  if (notice !== undefined) changes.push(...(await noticeChanges(context, notice)));
  return changes;
}

function queueChange(
  context: NoticeContext,
  parcel: Parcel,
  forwardedBy: string | undefined,
  targets: readonly RemoteTarget[],
): Change {
  const { submission, body, prefixes, prepared } = parcel;
  const { sender, envelopeId, returnContent, bodyKind, recipients } = submission;
  const message = {
    sender,
    ...(envelopeId === undefined ? {} : { envelopeId }),
    returnContent,
    needsSmtpUtf8:
      submission.needsSmtpUtf8 && (prepared.hasUtf8Header || hasUtf8Address(sender, targets)),
    bodyKind,
    ...(submission.isTlsRequired === true ? { isTlsRequired: true as const } : {}),
    prefix: prefixes.forQueue(forwardedBy),
    expiresAtMs: body.nowMs + context.queueLifetimeMs,
  };
  return queueCopy(
    body,
    message,
    targets.map((target) => queueRecipient(target, recipients[target.recipient])),
  );
}

function queueRecipient(
  { address, domain }: RemoteTarget,
  accepted: AcceptedRecipient | undefined,
): NewQueueRecipient {
  const original = accepted?.originalRecipient;
  return {
    address,
    destination: domain,
    // RFC 3461 §4.1: without NOTIFY, failures are told, and delays may be.
    notify: accepted?.notify ?? ["failure", "delay"],
    ...(original === undefined ? {} : { originalRecipient: original }),
  };
}

/** SMTPUTF8 was asked for, but is only needed further on if something is beyond ASCII. */
function hasUtf8Address(sender: string, targets: readonly RemoteTarget[]): boolean {
  const addresses = [sender, ...targets.map((target) => target.address)];
  return addresses.some((address) => /[^\x20-\x7e]/.test(address));
}

/**
 * What the sender is told now: failures that the door has no answer for, and deliveries into
 * mailboxes where they were asked for (RFC 3461 §5.2.4, NOTIFY=SUCCESS).
 */
function statusesOf({ submission, targets, failures }: Parcel): readonly DsnRecipient[] {
  if (submission.sender === "") return [];
  const statuses: DsnRecipient[] = [];
  const tell = (index: number, refusal: Refusal | undefined) => {
    const recipient = submission.recipients[index];
    if (refusal !== undefined && submission.failuresBy === "door") return;
    if (recipient !== undefined && isWanted(recipient, refusal)) {
      statuses.push(statusFor(recipient, refusal));
    }
  };
  for (const target of targets.local) {
    for (const index of target.recipients) tell(index, failures.get(target));
  }
  for (const target of targets.remote) {
    if (failures.has(target)) tell(target.recipient, failures.get(target));
  }
  return statuses;
}

function statusFor(recipient: AcceptedRecipient, refusal: Refusal | undefined): DsnRecipient {
  const { address, originalRecipient } = recipient;
  return {
    address,
    ...(originalRecipient === undefined ? {} : { originalRecipient }),
    action: refusal === undefined ? "delivered" : "failed",
    status: statusOf(refusal),
    ...(refusal === undefined ? {} : { diagnostic: refusal.text }),
  };
}

function isWanted({ notify }: AcceptedRecipient, refusal: Refusal | undefined): boolean {
  if (refusal === undefined) return notify?.includes("success") ?? false;
  return notify?.includes("failure") ?? true;
}

/** RFC 3463 §3.3 and §3.5: delivered, mailbox full, routing loop. */
function statusOf(refusal: Refusal | undefined): string {
  if (refusal === undefined) return "2.0.0";
  return refusal.reason === "overQuota" ? "5.2.2" : "5.4.6";
}

function noticeOf(context: NoticeContext, parcel: Parcel): Notice | undefined {
  const statuses = statusesOf(parcel);
  if (statuses.length === 0) return undefined;
  const { submission, prefixes, prepared } = parcel;
  const whole = concat([prefixes.received, prepared.bytes]);
  return statusNotice(context, submission, statuses, whole);
}

function addressesOf({ submission, targets }: Parcel): readonly string[] {
  const addresses = new Set<string>(submission.recipients.map((recipient) => recipient.address));
  if (submission.sender !== "") addresses.add(submission.sender);
  for (const { account } of targets.local) addresses.add(account.address);
  for (const { address } of targets.remote) addresses.add(address);
  return [...addresses];
}
