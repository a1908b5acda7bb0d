import type { AccountId, MailboxId, ModSeq } from "../../base/ids.ts";
import { modSeq } from "../../base/ids.ts";
import { Refusal } from "../../base/faults.ts";
import type { LogAct, LogEntry, MailboxRow } from "../mail.ts";
import type { AccountRecord, Tables } from "./tables.ts";

/** A batch being applied: where it writes, and what it has brought about so far. */
export interface Work {
  readonly tables: Tables;
  readonly actor: string;
  readonly atMs: number;
  /** Entries written, by account. */
  readonly entries: Map<AccountId, LogEntry[]>;
  isQueueTouched: boolean;
  isDirectoryTouched: boolean;
}

export function startWork(tables: Tables, actor: string, atMs: number): Work {
  const entries = new Map<AccountId, LogEntry[]>();
  return { tables, actor, atMs, entries, isQueueTouched: false, isDirectoryTouched: false };
}

/** @throws Refusal `noSuchUser`. */
export function getAccount(work: Work, id: AccountId): AccountRecord {
  const account = work.tables.findAccount(id);
  if (account === undefined) throw new Refusal("noSuchUser", "There is no such account.");
  return account;
}

/** @throws Refusal `noSuchMailbox`. */
export function getMailbox(work: Work, account: AccountId, id: MailboxId): MailboxRow {
  const mailbox = work.tables.findMailbox(account, id);
  if (mailbox === undefined) throw new Refusal("noSuchMailbox", "There is no such mailbox.");
  return mailbox;
}

/** The number of the account's next log entry; `writeLog` makes it the newest. */
export function nextModSeq(account: AccountRecord): ModSeq {
  return modSeq(account.modSeq + 1);
}

/** Writes the acts as entries of one number, and the account with that as its newest. */
export function writeLog(
  work: Work,
  account: AccountRecord,
  acts: readonly LogAct[],
  counters?: Partial<AccountRecord>,
): void {
  const number = nextModSeq(account);
  const entries = acts.map((act) => ({
    modSeq: number,
    atMs: work.atMs,
    actor: work.actor,
    act,
  }));
  work.tables.putAccount({ ...account, ...counters, modSeq: number });
  work.tables.addLog(account.id, entries);
  const written = work.entries.get(account.id);
  if (written === undefined) work.entries.set(account.id, entries);
  else written.push(...entries);
}
