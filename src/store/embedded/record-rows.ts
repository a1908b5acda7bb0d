import {
  accountId,
  blobHash,
  mailboxId,
  modSeq,
  queueId,
  uid,
  type AccountId,
  type MessageId,
} from "../../base/ids.ts";
import type { AliasRow, DomainRow, MailboxRole } from "../directory.ts";
import type { MailboxRow } from "../mail.ts";
import type { QueueMessage, QueueRecipient } from "../queue.ts";
import type { AccountRecord, QueueRecord, RecipientRecord } from "../rules/tables.ts";
import { domainOf } from "../rules/names.ts";
import { type Row, bytesOf, numberOf, optionalText, textOf } from "./rows.ts";

/** One integer for a message of an account; exact below 2^53 while accounts are below 2^21. */
export function messageKey(account: AccountId, message: MessageId | 0): number {
  return account * 4_294_967_296 + message;
}

export function domainFrom(row: Row): DomainRow {
  return { name: textOf(row, "name"), createdAtMs: numberOf(row, "created_at_ms") };
}

export function aliasFrom(row: Row): AliasRow {
  return { address: textOf(row, "address"), targets: JSON.parse(textOf(row, "targets")) };
}

export function accountFrom(row: Row): AccountRecord {
  return {
    id: accountId(numberOf(row, "id")),
    address: textOf(row, "address"),
    displayName: textOf(row, "display_name"),
    secret: textOf(row, "secret"),
    quotaBytes: numberOf(row, "quota_bytes"),
    isEnabled: numberOf(row, "is_enabled") === 1,
    createdAtMs: numberOf(row, "created_at_ms"),
    modSeq: modSeq(numberOf(row, "mod_seq")),
    usedBytes: numberOf(row, "used_bytes"),
    messageCount: numberOf(row, "message_count"),
    nextMailbox: numberOf(row, "next_mailbox"),
    nextMessage: numberOf(row, "next_message"),
    lastUidValidity: numberOf(row, "last_uid_validity"),
  };
}

export function accountColumns(record: AccountRecord) {
  return [
    record.id,
    record.address,
    domainOf(record.address),
    record.displayName,
    record.secret,
    record.quotaBytes,
    Number(record.isEnabled),
    record.createdAtMs,
    record.modSeq,
    record.usedBytes,
    record.messageCount,
    record.nextMailbox,
    record.nextMessage,
    record.lastUidValidity,
  ] as const;
}

export function mailboxFrom(row: Row): MailboxRow {
  const role = optionalText(row, "role");
  const annotations = optionalText(row, "annotations");
  return {
    id: mailboxId(numberOf(row, "id")),
    name: textOf(row, "name"),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only roles are written
    ...(role === undefined ? {} : { role: role as MailboxRole }), // only roles are written
    uidValidity: numberOf(row, "uid_validity"),
    uidNext: uid(numberOf(row, "uid_next")),
    modSeq: modSeq(numberOf(row, "mod_seq")),
    totalCount: numberOf(row, "total_count"),
    unseenCount: numberOf(row, "unseen_count"),
    deletedCount: numberOf(row, "deleted_count"),
    sizeBytes: numberOf(row, "size_bytes"),
    ...(annotations === undefined ? {} : { annotations: JSON.parse(annotations) }),
  };
}

export function mailboxColumns(account: AccountId, row: MailboxRow) {
  return [
    account,
    row.id,
    row.name,
    row.role ?? null, // SQL's absence
    row.uidValidity,
    row.uidNext,
    row.modSeq,
    row.totalCount,
    row.unseenCount,
    row.deletedCount,
    row.sizeBytes,
    row.annotations === undefined ? null : JSON.stringify(row.annotations), // SQL's absence
  ] as const;
}

export function queueFrom(row: Row): QueueRecord {
  const rest: Omit<QueueMessage, "prefix"> = JSON.parse(textOf(row, "message"));
  return {
    id: queueId(numberOf(row, "id")),
    message: { ...rest, prefix: bytesOf(row, "prefix") },
    hash: blobHash(Buffer.from(bytesOf(row, "hash")).toString("hex")),
    bodyBytes: numberOf(row, "body_bytes"),
    queuedAtMs: numberOf(row, "queued_at_ms"),
  };
}

type RecipientRest = Omit<QueueRecipient, "queue" | "recipient" | "destination" | "isHeld">;

export function recipientFrom(row: Row): RecipientRecord {
  const rest: RecipientRest = JSON.parse(textOf(row, "rest"));
  return {
    queue: queueId(numberOf(row, "queue")),
    recipient: numberOf(row, "recipient"),
    destination: textOf(row, "destination"),
    isHeld: numberOf(row, "is_held") === 1,
    lease: numberOf(row, "lease"),
    readyAtMs: numberOf(row, "ready_at_ms"),
    ...rest,
  };
}

export function recipientColumns(record: RecipientRecord) {
  const { queue, recipient, destination, isHeld, lease, readyAtMs, ...rest } = record;
  const text = JSON.stringify(rest satisfies RecipientRest);
  return [queue, recipient, destination, readyAtMs, Number(isHeld), lease, text] as const;
}
