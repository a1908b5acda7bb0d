import {
  accountId,
  blobHash,
  mailboxId,
  messageId,
  modSeq,
  queueId,
  uid,
  type BlobHash,
} from "../../base/ids.ts";
import type { AliasRow, DomainRow, MailboxRole } from "../directory.ts";
import type { LogEntry, MailboxRow } from "../mail.ts";
import type { QueueMessage, QueueRecipient } from "../queue.ts";
import type { AccountRecord, CopyRecord, QueueRecord, RecipientRecord } from "../rules/tables.ts";
import { type Row, booleanOf, bytesOf, numberOf, optionalText, textOf } from "./rows.ts";

export function hashFrom(bytes: Uint8Array): BlobHash {
  return blobHash(Buffer.from(bytes).toString("hex"));
}

export function hashBytes(hash: BlobHash): Buffer {
  return Buffer.from(hash, "hex");
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
    isEnabled: booleanOf(row, "is_enabled"),
    createdAtMs: numberOf(row, "created_at_ms"),
    modSeq: modSeq(numberOf(row, "mod_seq")),
    usedBytes: numberOf(row, "used_bytes"),
    messageCount: numberOf(row, "message_count"),
    nextMailbox: numberOf(row, "next_mailbox"),
    nextMessage: numberOf(row, "next_message"),
    lastUidValidity: numberOf(row, "last_uid_validity"),
  };
}

export function mailboxFrom(row: Row): MailboxRow {
  const role = optionalText(row, "role");
  const annotations = optionalText(row, "annotations");
  return {
    id: mailboxId(numberOf(row, "id")),
    name: textOf(row, "name"),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only roles are written
    ...(role === undefined ? {} : { role: role as MailboxRole }),
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

export function copyFrom(row: Row): CopyRecord {
  const system = numberOf(row, "system_flags");
  return {
    uid: uid(numberOf(row, "uid")),
    message: messageId(numberOf(row, "message")),
    flags: { system, keywords: keywordsFrom(textOf(row, "keywords")) },
    sizeBytes: numberOf(row, "size_bytes"),
    internalDateMs: numberOf(row, "internal_date_ms"),
    savedAtMs: numberOf(row, "saved_at_ms"),
    modSeq: modSeq(numberOf(row, "mod_seq")),
  };
}

export function keywordsFrom(text: string): readonly string[] {
  return text === "" ? [] : text.split(" ");
}

export function logEntryFrom(row: Row): LogEntry {
  return {
    modSeq: modSeq(numberOf(row, "mod_seq")),
    atMs: numberOf(row, "at_ms"),
    actor: textOf(row, "actor"),
    act: JSON.parse(textOf(row, "act")),
  };
}

export function queueFrom(row: Row): QueueRecord {
  const rest: Omit<QueueMessage, "prefix"> = JSON.parse(textOf(row, "message"));
  return {
    id: queueId(numberOf(row, "id")),
    message: { ...rest, prefix: bytesOf(row, "prefix") },
    hash: hashFrom(bytesOf(row, "blob")),
    bodyBytes: numberOf(row, "body_bytes"),
    queuedAtMs: numberOf(row, "queued_at_ms"),
  };
}

type RecipientRest = Omit<
  QueueRecipient,
  "queue" | "recipient" | "destination" | "isHeld" | "dueAtMs"
>;

export function recipientFrom(row: Row): RecipientRecord {
  const rest: RecipientRest = JSON.parse(textOf(row, "rest"));
  return {
    queue: queueId(numberOf(row, "queue")),
    recipient: numberOf(row, "recipient"),
    destination: textOf(row, "destination"),
    isHeld: booleanOf(row, "is_held"),
    lease: numberOf(row, "lease"),
    readyAtMs: numberOf(row, "ready_at_ms"),
    dueAtMs: numberOf(row, "due_at_ms"),
    ...rest,
  };
}

/** What of a recipient has no column of its own. */
export function recipientRest(record: RecipientRecord): string {
  const { queue: _, recipient: __, destination: ___, isHeld: ____, ...more } = record;
  const { lease: _____, readyAtMs: ______, dueAtMs: _______, ...rest } = more;
  return JSON.stringify(rest satisfies RecipientRest);
}
