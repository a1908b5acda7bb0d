import { assert } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";
import { type AccountId, type MailboxId, mailboxId, modSeq, uid } from "../../base/ids.ts";
import type { MailboxRole, NewMailbox } from "../directory.ts";
import type { MailChange, MailResult } from "../mail-changes.ts";
import type { Annotations, LogAct, MailboxRow } from "../mail.ts";
import { asCopy, releaseCopies } from "./apply-copies.ts";
import { checkMailboxName, compareText, inboxName } from "./names.ts";
import type { AccountRecord } from "./tables.ts";
import { type Work, getAccount, getMailbox, writeLog } from "./work.ts";

type ChangeOf<Kind extends MailChange["kind"]> = Extract<MailChange, { kind: Kind }>;

const done: MailResult = { kind: "mail" };
const largestUid = uid(4_294_967_295);
const lastUidValidityMax = 4_294_967_295;

export function createMailbox(work: Work, change: ChangeOf<"mail.mailboxCreate">): MailResult {
  const account = getAccount(work, change.account);
  const made = makeMailbox(work, account, change);
  writeLog(work, account, [made.act], made.counters);
  return { kind: "mail.mailboxCreate", mailbox: made.row.id, uidValidity: made.row.uidValidity };
}

/** Writes the mailbox's row; entry and counters of the account are left to the caller. */
export function makeMailbox(work: Work, account: AccountRecord, wanted: NewMailbox) {
  const { name } = wanted;
  checkMailboxName(name);
  const role = name === inboxName ? "inbox" : wanted.role;
  if (role === "inbox" && name !== inboxName) {
    throw new Refusal("notPermitted", "Only INBOX can be the inbox.");
  }
  checkNameIsFree(work, account.id, name);
  if (role !== undefined) checkRoleIsFree(work, account.id, role);
  // Seconds of the clock as a floor, so that an account restored or made anew differs (RFC 9051
  // §2.3.1.1), and always above those given before in the account.
  const uidValidity = Math.max(account.lastUidValidity + 1, Math.floor(work.atMs / 1000), 1);
  assert(uidValidity <= lastUidValidityMax, "UIDVALIDITY fits 32 bits");
  const id = mailboxId(account.nextMailbox);
  const row: MailboxRow = {
    id,
    name,
    ...(role === undefined ? {} : { role }),
    uidValidity,
    uidNext: uid(1),
    modSeq: modSeq(0),
    totalCount: 0,
    unseenCount: 0,
    deletedCount: 0,
    sizeBytes: 0,
  };
  work.tables.putMailbox(account.id, row);
  const act: LogAct = {
    kind: "mailboxCreated",
    mailbox: id,
    name,
    ...(role === undefined ? {} : { role }),
  };
  return { row, act, counters: { nextMailbox: id + 1, lastUidValidity: uidValidity } };
}

export function renameMailboxes(work: Work, change: ChangeOf<"mail.mailboxRename">): MailResult {
  const account = getAccount(work, change.account);
  const rows = new Map<MailboxId, MailboxRow>();
  const acts: LogAct[] = [];
  for (const { mailbox, name } of change.renames) {
    const row = getMailbox(work, account.id, mailbox);
    if (row.name === name) continue;
    if (row.name === inboxName) throw new Refusal("notPermitted", "INBOX cannot be renamed.");
    if (rows.has(mailbox))
      throw new Refusal("conflict", "A mailbox can be renamed once at a time.");
    checkMailboxName(name);
    rows.set(mailbox, { ...row, name });
    acts.push({ kind: "mailboxRenamed", mailbox, before: row.name, after: name });
  }
  if (acts.length === 0) return done;
  const names = new Set<string>();
  for (const row of work.tables.mailboxes(account.id)) {
    const name = rows.get(row.id)?.name ?? row.name;
    if (names.has(name)) throw nameIsTaken();
    names.add(name);
  }
  for (const row of rows.values()) work.tables.putMailbox(account.id, row);
  writeLog(work, account, acts);
  return done;
}

export function deleteMailbox(work: Work, change: ChangeOf<"mail.mailboxDelete">): MailResult {
  const account = getAccount(work, change.account);
  const row = getMailbox(work, account.id, change.mailbox);
  if (row.name === inboxName) throw new Refusal("notPermitted", "INBOX cannot be deleted.");
  const copies = work.tables.copies(account.id, row.id, [[uid(1), largestUid]]);
  assert(copies.length === row.totalCount, "a mailbox counts its copies");
  work.tables.removeMailbox(account.id, row.id);
  const counters = releaseCopies(work, account, copies);
  const act: LogAct = {
    kind: "mailboxDeleted",
    mailbox: row.id,
    row,
    copies: copies.map(asCopy),
  };
  writeLog(work, account, [act], counters);
  return done;
}

export function setRole(work: Work, change: ChangeOf<"mail.mailboxSetRole">): MailResult {
  const account = getAccount(work, change.account);
  const row = getMailbox(work, account.id, change.mailbox);
  const before = row.role;
  const after = change.role;
  if (before === after) return done;
  if (before === "inbox" || after === "inbox") {
    throw new Refusal("notPermitted", "INBOX and no other mailbox is the inbox.");
  }
  if (after !== undefined) checkRoleIsFree(work, account.id, after);
  const { role: _, ...rest } = row;
  work.tables.putMailbox(account.id, after === undefined ? rest : { ...rest, role: after });
  const act: LogAct = {
    kind: "mailboxRoleSet",
    mailbox: row.id,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
  writeLog(work, account, [act]);
  return done;
}

export function annotate(work: Work, change: ChangeOf<"mail.annotate">): MailResult {
  const account = getAccount(work, change.account);
  const row = getMailbox(work, account.id, change.mailbox);
  const values = new Map(Object.entries(row.annotations ?? {}));
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  for (const { name, value } of change.entries) {
    if (before.has(name) || after.has(name)) {
      throw new Refusal("conflict", "An annotation can be set once at a time.");
    }
    const old = values.get(name);
    if (old === value) continue;
    if (old !== undefined) before.set(name, old);
    if (value === undefined) values.delete(name);
    else {
      values.set(name, value);
      after.set(name, value);
    }
  }
  if (before.size === 0 && after.size === 0) return done;
  const { annotations: _, ...rest } = row;
  const annotated = values.size === 0 ? rest : { ...rest, annotations: annotationsOf(values) };
  work.tables.putMailbox(account.id, annotated);
  const act: LogAct = {
    kind: "annotated",
    mailbox: row.id,
    before: annotationsOf(before),
    after: annotationsOf(after),
  };
  writeLog(work, account, [act]);
  return done;
}

/** In order of their names, so that every engine writes the same text. */
function annotationsOf(values: ReadonlyMap<string, string>): Annotations {
  return Object.fromEntries([...values].sort(([a], [b]) => compareText(a, b)));
}

export function subscribe(work: Work, change: ChangeOf<"mail.subscribe">): MailResult {
  const account = getAccount(work, change.account);
  const { name, isSubscribed: after } = change;
  const before = work.tables.isSubscribed(account.id, name);
  if (before === after) return done;
  if (after) checkMailboxName(name);
  work.tables.setSubscribed(account.id, name, after);
  writeLog(work, account, [{ kind: "subscribed", name, before, after }]);
  return done;
}

function checkNameIsFree(work: Work, account: AccountId, name: string): void {
  for (const row of work.tables.mailboxes(account)) if (row.name === name) throw nameIsTaken();
}

function checkRoleIsFree(work: Work, account: AccountId, role: MailboxRole): void {
  for (const row of work.tables.mailboxes(account)) {
    if (row.role === role) throw new Refusal("conflict", "Another mailbox has that role.");
  }
}

function nameIsTaken(): Refusal {
  return new Refusal("mailboxExists", "A mailbox of that name exists.");
}
