import type { Recipients } from "../accounts/accounts.ts";
import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { AccountId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import { type Random, randomName } from "../base/random.ts";
import { messageFacts } from "../mailbox/message-facts.ts";
import type { Applied } from "../store/batch.ts";
import type { Store } from "../store/store.ts";
import type {
  Delivery,
  DeliveryOutcome,
  JudgeSender,
  SignOutgoing,
  Submission,
} from "./delivery.ts";
import { expandRecipients, type Target } from "./expand-recipients.ts";
import { Inboxes } from "./inboxes.ts";
import type { StoredBody } from "./mail-copies.ts";
import { type NoticeContext, noticeChanges } from "./notices.ts";
import { type Parcel, parcelChanges } from "./parcel.ts";
import { prefixesOf } from "./prefix.ts";
import { prepareBody, receivedFieldsMax, withoutPieces } from "./prepare-body.ts";

export interface DeliveryOptions {
  readonly store: Pick<Store, "apply" | "blobs" | "mail">;
  readonly recipients: Recipients;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Our name in Received, in Message-IDs that we add, and in notices. */
  readonly hostName: string;
  /** How long the queue tries, milliseconds; RFC 5321 §4.5.4.1 says 4 to 5 days. */
  readonly queueLifetimeMs: number;
  /** Received fields beyond which a message counts as looping; 100 by default. */
  readonly hopsMax?: number;
  /** Judges who sent a message that comes without a login; without it nobody does. */
  readonly judgeSender?: JudgeSender;
  /** Signs what leaves: messages of users with a login, and notices; without it nobody does. */
  readonly signOutgoing?: SignOutgoing;
  /** Called for each account with a quota that mail came into (MailService). Never rejects. */
  readonly warnOfQuota?: (account: AccountId) => Promise<void>;
}

/** Brings accepted messages to mailboxes and to the queue; one for all doors. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const context: NoticeContext = { ...options, inboxes: new Inboxes(options.store.mail) };
  return {
    deliver: (submission) => deliver(options, context, submission),
    noticeChanges: (notice) => noticeChanges(context, notice),
  };
}

async function deliver(
  options: DeliveryOptions,
  context: NoticeContext,
  received: Submission,
): Promise<readonly DeliveryOutcome[]> {
  const { store, clock, random, hostName } = options;
  const nowMs = clock.now();
  const newMessageId = () => `${randomName(random, 20)}@${hostName}`;
  const isOurs = received.login !== undefined;
  const fix = isOurs ? { nowMs, newMessageId } : undefined;
  const whole = prepareBody(received.parts, options.hopsMax ?? receivedFieldsMax, fix);
  const judged = isOurs ? undefined : await options.judgeSender?.(received, whole.bytes);
  const prepared = { ...whole, bytes: withoutPieces(whole.bytes, judged?.forged ?? []) };
  const { bytes } = prepared;
  const targets = expandRecipients(received.recipients);
  const isSigned = isOurs && targets.remote.length > 0;
  const signed = isSigned ? await options.signOutgoing?.(received, bytes) : undefined;
  const steps = [judged?.step, signed?.step].filter((step) => step !== undefined);
  const submission = { ...received, steps: [...received.steps, ...steps] };
  const blob = await store.blobs.put([bytes]);
  const body: StoredBody = {
    blob,
    facts: messageFacts(bytes, nowMs),
    journey: submission.journey,
    nowMs,
  };
  const failures = new Map<Target, Refusal>();
  for (const target of [...targets.local, ...targets.remote]) {
    const place = placeOf(target);
    if (place !== undefined && prepared.deliveredTo.has(place)) {
      failures.set(target, goingRound(place));
    }
  }
  const prefixes = prefixesOf(submission, hostName, nowMs, {
    found: judged?.fields,
    signatures: signed?.fields,
  });
  await commit(options, context, { submission, prepared, prefixes, body, targets, failures });
  for (const target of targets.local) {
    const { id, quotaBytes } = target.account;
    // Not waited for: the answer is about this message, the notice is another.
    if (quotaBytes > 0 && !failures.has(target)) void options.warnOfQuota?.(id);
  }
  return outcomesOf(submission, targets, failures);
}

/** The address here that handles the copy, as its Delivered-To names it. */
function placeOf(target: Target): string | undefined {
  return "account" in target ? target.account.address : target.forwardedBy;
}

function goingRound(address: string): Refusal {
  return new Refusal("tooManyHops", `The message has been with ${address} before.`);
}

/**
 * Writes everything in one batch. Accounts that turn out to be full are left out of the next try,
 * so there are at most as many tries as accounts. With nobody left there is nothing to write.
 */
async function commit(
  options: DeliveryOptions,
  context: NoticeContext,
  parcel: Parcel,
): Promise<Applied | undefined> {
  const { store } = options;
  const { submission, targets, failures, body } = parcel;
  const actor = `smtp:${submission.login?.address ?? submission.connection.remoteAddress}`;
  for (;;) {
    if (failures.size === targets.local.length + targets.remote.length) return undefined;
    const changes = await parcelChanges(context, parcel);
    try {
      return await store.apply({ actor, atMs: body.nowMs, changes });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.reason !== "overQuota") throw temporary(error);
      const foundCount = await findFull(options, parcel);
      if (foundCount === 0) throw error;
    }
  }
}

/** What the store refuses is never the sender's fault: an account or mailbox has just gone. */
function temporary(refusal: Refusal): Refusal {
  const isOurs = refusal.reason === "noSuchUser" || refusal.reason === "noSuchMailbox";
  if (!isOurs) return refusal;
  return new Refusal("unavailable", "A recipient is changing; try later.", refusal.message);
}

/** Marks the accounts that the message would not fit into, and counts those newly found. */
async function findFull(options: DeliveryOptions, parcel: Parcel): Promise<number> {
  const { body, targets, failures, prefixes } = parcel;
  let foundCount = 0;
  for (const target of targets.local) {
    if (failures.has(target)) continue;
    const { usedBytes, quotaBytes } = await options.store.mail.account(target.account.id);
    const prefixBytes = prefixes.forMailbox(target.account.address).length;
    if (quotaBytes === 0 || usedBytes + body.blob.sizeBytes + prefixBytes <= quotaBytes) continue;
    failures.set(target, new Refusal("overQuota", "This mailbox is full; try later."));
    foundCount++;
  }
  return foundCount;
}

/** A recipient has failed when everything that it led to has. */
function outcomesOf(
  submission: Submission,
  { local, remote }: Parcel["targets"],
  failures: ReadonlyMap<Target, Refusal>,
): readonly DeliveryOutcome[] {
  const addresses = new Map(remote.map((target) => [target.address, target]));
  const accounts = new Map(local.map((target) => [target.account.id, target]));
  return submission.recipients.map(({ address, destinations }) => {
    const own = destinations.map((destination) => {
      const target =
        destination.kind === "remote"
          ? addresses.get(destination.address)
          : accounts.get(destination.account.id);
      return target && failures.get(target);
    });
    return { recipient: address, refusal: own.includes(undefined) ? undefined : own[0] };
  });
}
