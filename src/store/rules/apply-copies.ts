import { assert } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";
import { type ModSeq, type Uid, uid } from "../../base/ids.ts";
import { type Flags, type MailChange, type MailResult, flagBits } from "../mail-changes.ts";
import type { Copy, LogAct, MailboxRow } from "../mail.ts";
import { normalFlags } from "./flags.ts";
import { toRanges } from "./uid-ranges.ts";
import type { AccountRecord, CopyRecord } from "./tables.ts";
import { type Work, getAccount, getMailbox, nextModSeq, writeLog } from "./work.ts";

type ChangeOf<Kind extends MailChange["kind"]> = Extract<MailChange, { kind: Kind }>;

const uidMax = 4_294_967_295;

export function copyMessages(work: Work, change: ChangeOf<"mail.messageCopy">): MailResult {
  const account = getAccount(work, change.account);
  const from = getMailbox(work, account.id, change.from);
  const to = getMailbox(work, account.id, change.to);
  const found = work.tables.copies(account.id, from.id, change.uids);
  const { uidValidity } = to;
  if (found.length === 0) {
    return { kind: "mail.messageCopy", uidValidity, map: { from: [], to: [] } };
  }
  for (const copy of found) work.tables.countCopies(account.id, copy.message, 1, work.atMs);
  const placed = placeCopies(work, to, nextModSeq(account), found);
  addRecords(work, account, to, placed);
  writeLog(work, account, [
    { kind: "added", mailbox: to.id, copies: placed.map(asCopy), from: from.id },
  ]);
  return { kind: "mail.messageCopy", uidValidity, map: mapOf(found, placed) };
}

export function moveMessages(work: Work, change: ChangeOf<"mail.messageMove">): MailResult {
  const account = getAccount(work, change.account);
  const from = getMailbox(work, account.id, change.from);
  const { uidValidity } = getMailbox(work, account.id, change.to);
  const found = work.tables.copies(account.id, from.id, change.uids);
  if (found.length === 0) {
    return { kind: "mail.messageMove", uidValidity, map: { from: [], to: [] } };
  }
  const number = nextModSeq(account);
  removeRecords(work, account, from, found, number);
  // Read after the removal, which may have been from the same mailbox.
  const to = getMailbox(work, account.id, change.to);
  const placed = placeCopies(work, to, number, found);
  addRecords(work, account, to, placed);
  const left: LogAct = {
    kind: "expunged",
    mailbox: from.id,
    copies: found.map(asCopy),
    to: to.id,
  };
  const came: LogAct = {
    kind: "added",
    mailbox: to.id,
    copies: placed.map(asCopy),
    from: from.id,
  };
  writeLog(work, account, [left, came]);
  return { kind: "mail.messageMove", uidValidity, map: mapOf(found, placed) };
}

export function expunge(work: Work, change: ChangeOf<"mail.expunge">): MailResult {
  const account = getAccount(work, change.account);
  const mailbox = getMailbox(work, account.id, change.mailbox);
  const inRange = work.tables.copies(account.id, mailbox.id, change.uids);
  const found = change.onlyDeleted ? inRange.filter(isDeleted) : inRange;
  if (found.length === 0) return { kind: "mail.expunge", expunged: [] };
  const ranges = removeRecords(work, account, mailbox, found, nextModSeq(account));
  const counters = releaseCopies(work, account, found);
  const act: LogAct = { kind: "expunged", mailbox: mailbox.id, copies: found.map(asCopy) };
  writeLog(work, account, [act], counters);
  return { kind: "mail.expunge", expunged: ranges };
}

/**
 * Brings back messages that no mailbox may hold any more, as undoing an expunge needs.
 * @throws Refusal `noSuchMessage` when one was not retained, `overQuota` when it would not fit.
 */
export function restoreMessages(work: Work, change: ChangeOf<"mail.messageRestore">): MailResult {
  const account = getAccount(work, change.account);
  const mailbox = getMailbox(work, account.id, change.mailbox);
  const { uidValidity } = mailbox;
  if (change.copies.length === 0) {
    return { kind: "mail.messageRestore", uidValidity, uids: [] };
  }
  let { usedBytes, messageCount } = account;
  const originals = change.copies.map((wanted): CopyRecord => {
    const sizeBytes = work.tables.messageSize(account.id, wanted.message);
    if (sizeBytes === undefined) {
      throw new Refusal("noSuchMessage", "A message is gone for good.");
    }
    if (work.tables.countCopies(account.id, wanted.message, 1, work.atMs) === 1) {
      usedBytes += sizeBytes;
      messageCount++;
    }
    const { message, flags, internalDateMs } = wanted;
    const unplaced = { uid: uid(1), modSeq: account.modSeq, savedAtMs: work.atMs };
    return { ...unplaced, message, flags: normalFlags(flags), sizeBytes, internalDateMs };
  });
  if (usedBytes > account.usedBytes) checkQuota(account, usedBytes);
  const placed = placeCopies(work, mailbox, nextModSeq(account), originals);
  addRecords(work, account, mailbox, placed);
  const act: LogAct = { kind: "added", mailbox: mailbox.id, copies: placed.map(asCopy) };
  writeLog(work, account, [act], { usedBytes, messageCount });
  return { kind: "mail.messageRestore", uidValidity, uids: placed.map((copy) => copy.uid) };
}

/** @throws Refusal `overQuota` when the account may not hold so many bytes. */
export function checkQuota(account: AccountRecord, usedBytes: number): void {
  if (account.quotaBytes > 0 && usedBytes > account.quotaBytes) {
    throw new Refusal("overQuota", "The mailbox is full; delete something first.");
  }
}

/** Counts copies that left their mailbox; those of a message that has no other free its bytes. */
export function releaseCopies(work: Work, account: AccountRecord, gone: readonly CopyRecord[]) {
  let { usedBytes, messageCount } = account;
  for (const copy of gone) {
    const left = work.tables.countCopies(account.id, copy.message, -1, work.atMs);
    assert(left >= 0, "a message has no fewer than no copies");
    if (left > 0) continue;
    usedBytes -= copy.sizeBytes;
    messageCount--;
  }
  assert(usedBytes >= 0 && messageCount >= 0, "an account holds no less than nothing");
  return { usedBytes, messageCount };
}

/** A mailbox's counters after `copies` came (`by` 1) or went (`by` -1). */
export function countMailbox(
  mailbox: MailboxRow,
  copies: readonly CopyRecord[],
  by: 1 | -1,
  modSeq: ModSeq,
): MailboxRow {
  let { totalCount, unseenCount, deletedCount, sizeBytes, uidNext } = mailbox;
  for (const copy of copies) {
    totalCount += by;
    if (isUnseen(copy.flags)) unseenCount += by;
    if (isDeleted(copy)) deletedCount += by;
    sizeBytes += by * copy.sizeBytes;
    if (copy.uid >= uidNext) uidNext = uid(copy.uid + 1);
  }
  assert(totalCount >= 0 && unseenCount >= 0 && deletedCount >= 0, "counts are not negative");
  return { ...mailbox, totalCount, unseenCount, deletedCount, sizeBytes, uidNext, modSeq };
}

export function isUnseen(flags: Flags): boolean {
  return (flags.system & flagBits.seen) === 0;
}

function isDeleted(copy: CopyRecord): boolean {
  return (copy.flags.system & flagBits.deleted) !== 0;
}

function placeCopies(
  work: Work,
  to: MailboxRow,
  modSeq: ModSeq,
  originals: readonly CopyRecord[],
): readonly CopyRecord[] {
  checkUids(to.uidNext, originals.length);
  return originals.map((copy, index) => ({
    ...copy,
    uid: uid(to.uidNext + index),
    savedAtMs: work.atMs,
    modSeq,
  }));
}

/** @throws Refusal `limit` when the mailbox has given out all its UIDs. */
export function checkUids(uidNext: Uid, count: number): void {
  if (uidNext + count - 1 > uidMax) throw new Refusal("limit", "The mailbox has no UID left.");
}

function addRecords(
  work: Work,
  account: AccountRecord,
  mailbox: MailboxRow,
  placed: readonly CopyRecord[],
): void {
  work.tables.addCopies(account.id, mailbox.id, placed);
  work.tables.putMailbox(account.id, countMailbox(mailbox, placed, 1, nextModSeq(account)));
}

function removeRecords(
  work: Work,
  account: AccountRecord,
  mailbox: MailboxRow,
  gone: readonly CopyRecord[],
  number: ModSeq,
) {
  const ranges = toRanges(gone.map((copy) => copy.uid));
  work.tables.removeCopies(account.id, mailbox.id, ranges);
  work.tables.putMailbox(account.id, countMailbox(mailbox, gone, -1, number));
  return ranges;
}

function mapOf(from: readonly CopyRecord[], to: readonly CopyRecord[]) {
  return { from: from.map((copy) => copy.uid), to: to.map((copy) => copy.uid) };
}

/** A copy without the number of its entry: that of the entry that carries it stands for it. */
export function asCopy(copy: CopyRecord): Copy {
  const { modSeq: _, ...rest } = copy;
  return rest;
}
