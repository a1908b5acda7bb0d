import type { Recipients } from "../accounts/accounts.ts";
import { assert } from "../base/assert.ts";
import { concat, fromUtf8 } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { type Random, randomName } from "../base/random.ts";
import { messageFacts } from "../mailbox/message-facts.ts";
import { buildDsn, type DsnRecipient } from "../message/dsn.ts";
import { formatReturnPath } from "../message/received.ts";
import type { Change } from "../store/batch.ts";
import type { Store } from "../store/store.ts";
import type { Notice, OutgoingSignatures, SignOutgoing, Submission } from "./delivery.ts";
import type { Inboxes } from "./inboxes.ts";
import { mailCopy, queueCopy } from "./mail-copies.ts";
import { deliveredTo } from "./prefix.ts";

/** What notices are made and sent with. */
export interface NoticeContext {
  readonly store: Pick<Store, "blobs" | "mail">;
  readonly recipients: Recipients;
  readonly inboxes: Inboxes;
  readonly clock: Clock;
  readonly random: Random;
  readonly hostName: string;
  /** How long the queue tries, milliseconds. */
  readonly queueLifetimeMs: number;
  readonly signOutgoing?: SignOutgoing;
}

/** The changes that keep a notice for its recipient, here or elsewhere (see Delivery). */
export async function noticeChanges(
  context: NoticeContext,
  notice: Notice,
): Promise<readonly Change[]> {
  const { store, clock } = context;
  const answer = await context.recipients.resolve(notice.recipient);
  if (answer.kind === "unknown") return [];
  const nowMs = clock.now();
  const bytes = concat(notice.parts);
  const blob = await store.blobs.put([bytes]);
  const body = { blob, facts: messageFacts(bytes, nowMs), journey: notice.journey, nowMs };
  const changes: Change[] = [];
  const remote: { readonly address: string; readonly domain: string }[] = [];
  if (answer.kind === "notLocal") remote.push({ address: notice.recipient, domain: answer.domain });
  else {
    for (const destination of answer.destinations) {
      if (destination.kind === "remote") {
        remote.push(destination);
        continue;
      }
      const { account } = destination;
      const prefix = fromUtf8(`${formatReturnPath("")}${deliveredTo(account.address)}`);
      const mailbox = await context.inboxes.get(account.id);
      changes.push(mailCopy(body, { account: account.id, mailbox, prefix, enforceQuota: false }));
    }
  }
  let signed: OutgoingSignatures | undefined;
  if (remote.length > 0) {
    signed = await context.signOutgoing?.({ journey: notice.journey, login: undefined }, bytes);
    const message = {
      sender: "",
      returnContent: "headers" as const,
      needsSmtpUtf8: notice.needsSmtpUtf8,
      bodyKind: "8bitmime" as const,
      ...(notice.isTlsRequired === true ? { isTlsRequired: true as const } : {}),
      prefix: fromUtf8(signed?.fields ?? ""),
      expiresAtMs: nowMs + context.queueLifetimeMs,
    };
    const recipients = remote.map(({ address, domain }) => ({
      address,
      destination: domain,
      notify: [],
    }));
    changes.push(queueCopy(body, message, recipients));
  }
  changes.push({
    kind: "journey.append",
    journey: notice.journey,
    steps: [
      ...(signed === undefined ? [] : [signed.step]),
      { atMs: nowMs, kind: "delivery.noticeKept", facts: { recipient: notice.recipient } },
    ],
    messageIdHeader: body.facts.messageIdHeader,
    addresses: [notice.recipient],
  });
  return changes;
}

/**
 * The notice (RFC 3464) that tells the sender of an accepted message how recipients fared; the
 * null sender never gets one (RFC 5321 §4.5.5), so there must be a sender.
 */
export function statusNotice(
  context: NoticeContext,
  submission: Submission,
  recipients: readonly DsnRecipient[],
  original: Uint8Array,
): Notice {
  const { sender, envelopeId, connection, returnContent } = submission;
  const { random, hostName, clock } = context;
  assert(sender !== "", "a notice to the null sender");
  const dsn = buildDsn(
    {
      reportingHost: hostName,
      from: { kind: "mailbox", name: "Mail server", local: "MAILER-DAEMON", domain: hostName },
      to: sender,
      ...(envelopeId === undefined ? {} : { envelopeId }),
      arrivedMs: connection.startedAtMs,
      recipients,
      original,
      // RFC 8689 §5: a message that needs TLS is not returned whole.
      returns: submission.isTlsRequired === true ? "headers" : returnContent,
    },
    {
      nowMs: clock.now(),
      messageId: `${randomName(random, 20)}@${hostName}`,
      boundarySeed: randomName(random, 20),
    },
  );
  return {
    journey: submission.journey,
    recipient: sender,
    parts: [dsn],
    needsSmtpUtf8: submission.needsSmtpUtf8,
    ...(submission.isTlsRequired === true ? { isTlsRequired: true as const } : {}),
  };
}
