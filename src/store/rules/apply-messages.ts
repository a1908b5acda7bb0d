import { Refusal } from "../../base/faults.ts";
import { type Uid, messageId, threadId } from "../../base/ids.ts";
import { type Flags, type MailChange, type MailResult, flagBits } from "../mail-changes.ts";
import type { FlagsOf, LogAct } from "../mail.ts";
import { asCopy, checkQuota, checkUids, countMailbox, isUnseen } from "./apply-copies.ts";
import { changeFlags, flagsKey, normalFlags, sameFlags } from "./flags.ts";
import type { CopyRecord } from "./tables.ts";
import { threadKeys } from "./threads.ts";
import { toRanges } from "./uid-ranges.ts";
import { type Work, getAccount, getMailbox, nextModSeq, writeLog } from "./work.ts";

type ChangeOf<Kind extends MailChange["kind"]> = Extract<MailChange, { kind: Kind }>;

const messageIdMax = 4_294_967_295;

export function addMessage(work: Work, change: ChangeOf<"mail.messageAdd">): MailResult {
  const { message } = change;
  const account = getAccount(work, change.account);
  const mailbox = getMailbox(work, account.id, change.mailbox);
  const sizeBytes = message.prefix.length + message.blob.sizeBytes;
  const usedBytes = account.usedBytes + sizeBytes;
  if (change.enforceQuota) checkQuota(account, usedBytes);
  checkUids(mailbox.uidNext, 1);
  const id = messageId(account.nextMessage);
  if (id > messageIdMax) throw new Refusal("limit", "The account has had too many messages.");
  const copy: CopyRecord = {
    uid: mailbox.uidNext,
    message: id,
    flags: normalFlags(change.flags),
    sizeBytes,
    internalDateMs: change.internalDateMs,
    savedAtMs: work.atMs,
    modSeq: nextModSeq(account),
  };
  const thread = work.tables.joinThread(account.id, threadKeys(message.facts), threadId(id));
  work.tables.addMessage({ account: account.id, id, thread, message });
  work.tables.addCopies(account.id, mailbox.id, [copy]);
  work.tables.putMailbox(account.id, countMailbox(mailbox, [copy], 1, copy.modSeq));
  const act: LogAct = { kind: "added", mailbox: mailbox.id, copies: [asCopy(copy)] };
  const messageCount = account.messageCount + 1;
  writeLog(work, account, [act], { usedBytes, messageCount, nextMessage: id + 1 });
  const { uidValidity } = mailbox;
  return {
    kind: "mail.messageAdd",
    mailbox: mailbox.id,
    uidValidity,
    uid: copy.uid,
    message: id,
  };
}

export function setFlags(work: Work, change: ChangeOf<"mail.flagsSet">): MailResult {
  const account = getAccount(work, change.account);
  const mailbox = getMailbox(work, account.id, change.mailbox);
  const asked = normalFlags(change.flags);
  const set: Uid[] = [];
  const modified: Uid[] = [];
  const changed = new ChangedFlags();
  for (const copy of work.tables.copies(account.id, mailbox.id, change.uids)) {
    if (change.unchangedSince !== undefined && copy.modSeq > change.unchangedSince) {
      modified.push(copy.uid);
      continue;
    }
    set.push(copy.uid);
    const after = changeFlags(copy.flags, change.mode, asked);
    if (after !== copy.flags && !sameFlags(copy.flags, after)) {
      changed.add(copy.uid, copy.flags, after);
    }
  }
  const result = {
    kind: "mail.flagsSet",
    set: toRanges(set),
    modified: toRanges(modified),
  } as const;
  if (changed.isEmpty) return result;
  const number = nextModSeq(account);
  const after = changed.after();
  for (const { uids, flags } of after) {
    work.tables.setFlags(account.id, mailbox.id, uids, flags, number);
  }
  work.tables.putMailbox(account.id, {
    ...mailbox,
    unseenCount: mailbox.unseenCount + changed.unseenBy,
    deletedCount: mailbox.deletedCount + changed.deletedBy,
    modSeq: number,
  });
  writeLog(work, account, [
    { kind: "flagged", mailbox: mailbox.id, before: changed.before(), after },
  ]);
  return { ...result, modSeq: number };
}

/** Collects which flags turn into which, in groups of equal flags. */
class ChangedFlags {
  readonly #before = new Map<string, { flags: Flags; uids: Uid[] }>();
  readonly #after = new Map<string, { flags: Flags; uids: Uid[] }>();
  unseenBy = 0;
  deletedBy = 0;

  get isEmpty(): boolean {
    return this.#after.size === 0;
  }

  add(uid: Uid, before: Flags, after: Flags): void {
    addTo(this.#before, uid, before);
    addTo(this.#after, uid, after);
    this.unseenBy += Number(isUnseen(after)) - Number(isUnseen(before));
    this.deletedBy += bit(after, flagBits.deleted) - bit(before, flagBits.deleted);
  }

  before(): readonly FlagsOf[] {
    return groupsOf(this.#before);
  }

  after(): readonly FlagsOf[] {
    return groupsOf(this.#after);
  }
}

type Groups = Map<string, { flags: Flags; uids: Uid[] }>;

function addTo(groups: Groups, uid: Uid, flags: Flags): void {
  const key = flagsKey(flags);
  const group = groups.get(key);
  if (group === undefined) groups.set(key, { flags, uids: [uid] });
  else group.uids.push(uid);
}

function groupsOf(groups: Groups): readonly FlagsOf[] {
  return Array.from(groups.values(), ({ flags, uids }) => ({ uids: toRanges(uids), flags }));
}

function bit(flags: Flags, mask: number): number {
  return (flags.system & mask) === 0 ? 0 : 1;
}
