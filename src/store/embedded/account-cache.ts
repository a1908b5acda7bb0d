import type { AccountId, MailboxId } from "../../base/ids.ts";
import type { MailboxRow } from "../mail.ts";
import { KeywordSets } from "../rules/keyword-sets.ts";
import type { AccountRecord } from "../rules/tables.ts";
import { UndoLog } from "../rules/undo-log.ts";
import { accountColumns, accountFrom, mailboxColumns, mailboxFrom } from "./record-rows.ts";
import { textOf } from "./rows.ts";
import type { Statements } from "./statements.ts";

interface CachedAccount {
  record: AccountRecord;
  /** The record as the database has it; undefined for one that was made in this group. */
  written: AccountRecord | undefined;
  mailboxes: Map<MailboxId, MailboxRow> | undefined;
  dirtyMailboxes: Set<MailboxId>;
  keywordSets: KeywordSets | undefined;
}

/** Accounts to keep; past it the whole cache is emptied between two commits. */
const accountsMax = 10_000;

/**
 * Accounts and their mailboxes as the single writer knows them. A commit reads each of them once
 * and writes each once, however many messages it adds. Between commits the cache equals the
 * database.
 */
export class AccountCache {
  readonly undo = new UndoLog();
  readonly #statements: Statements;
  readonly #accounts = new Map<AccountId, CachedAccount>();
  readonly #dirty = new Set<AccountId>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  find(id: AccountId): AccountRecord | undefined {
    return this.#find(id)?.record;
  }

  put(record: AccountRecord): void {
    const account = this.#find(record.id);
    if (account !== undefined) {
      const before = account.record;
      account.record = record;
      this.undo.add(() => (account.record = before));
    } else {
      const made: CachedAccount = {
        record,
        written: undefined,
        mailboxes: new Map(),
        dirtyMailboxes: new Set(),
        keywordSets: new KeywordSets(),
      };
      this.undo.set(this.#accounts, record.id, made);
      // At once, because other batches of the group look for its address.
      this.#statements.putAccount.run(...accountColumns(record));
      made.written = record;
    }
    this.#dirty.add(record.id);
  }

  remove(id: AccountId): void {
    this.undo.delete(this.#accounts, id);
  }

  mailboxes(id: AccountId): ReadonlyMap<MailboxId, MailboxRow> {
    return this.#mailboxes(id);
  }

  putMailbox(id: AccountId, row: MailboxRow): void {
    const mailboxes = this.#mailboxes(id);
    const before = mailboxes.get(row.id);
    mailboxes.set(row.id, row);
    this.undo.add(() => {
      if (before === undefined) mailboxes.delete(row.id);
      else mailboxes.set(row.id, before);
    });
    this.#find(id)?.dirtyMailboxes.add(row.id);
    this.#dirty.add(id);
  }

  removeMailbox(id: AccountId, mailbox: MailboxId): void {
    this.undo.delete(this.#mailboxes(id), mailbox);
    this.#find(id)?.dirtyMailboxes.add(mailbox);
    this.#dirty.add(id);
  }

  keywordSets(id: AccountId): KeywordSets {
    const account = this.#find(id);
    if (account?.keywordSets !== undefined) return account.keywordSets;
    const sets = new KeywordSets();
    for (const row of this.#statements.keywordSets.all(id)) {
      sets.add(textOf(row, "keywords").split(" "));
    }
    if (account !== undefined) account.keywordSets = sets;
    return sets;
  }

  /** The number of a set of keywords, a new one if need be. */
  internKeywords(id: AccountId, keywords: readonly string[]): number {
    const sets = this.keywordSets(id);
    const known = sets.find(keywords);
    if (known !== undefined) return known;
    const number = sets.add(keywords);
    this.undo.add(() => sets.removeLast());
    this.#statements.addKeywordSet.run(id, number, keywords.join(" "));
    return number;
  }

  /** Writes what changed: once for a whole group, before its commit. */
  flush(): void {
    for (const id of this.#dirty) {
      const account = this.#accounts.get(id);
      if (account === undefined) continue;
      this.#flushAccount(account);
      for (const mailbox of account.dirtyMailboxes) {
        const row = account.mailboxes?.get(mailbox);
        if (row === undefined) this.#statements.removeMailbox.run(id, mailbox);
        else this.#statements.putMailbox.run(...mailboxColumns(id, row));
      }
      account.dirtyMailboxes.clear();
    }
    this.#dirty.clear();
    if (this.#accounts.size > accountsMax) this.#accounts.clear();
  }

  /** Forgets everything: a commit failed, and only the database knows what is true. */
  clear(): void {
    this.#accounts.clear();
    this.#dirty.clear();
    this.undo.forget();
  }

  #flushAccount(account: CachedAccount): void {
    const { record, written } = account;
    if (record === written) return;
    const isCounted =
      written !== undefined &&
      record.nextMailbox === written.nextMailbox &&
      record.secret === written.secret &&
      record.displayName === written.displayName &&
      record.quotaBytes === written.quotaBytes &&
      record.isEnabled === written.isEnabled;
    if (isCounted) {
      const { modSeq, usedBytes, messageCount, nextMessage, id } = record;
      this.#statements.countAccount.run(modSeq, usedBytes, messageCount, nextMessage, id);
    } else {
      this.#statements.putAccount.run(...accountColumns(record));
    }
    account.written = record;
  }

  #mailboxes(id: AccountId): Map<MailboxId, MailboxRow> {
    const account = this.#find(id);
    if (account?.mailboxes !== undefined) return account.mailboxes;
    const mailboxes = new Map<MailboxId, MailboxRow>();
    for (const row of this.#statements.mailboxes.all(id)) {
      const mailbox = mailboxFrom(row);
      mailboxes.set(mailbox.id, mailbox);
    }
    if (account !== undefined) account.mailboxes = mailboxes;
    return mailboxes;
  }

  #find(id: AccountId): CachedAccount | undefined {
    const known = this.#accounts.get(id);
    if (known !== undefined) return known;
    const row = this.#statements.findAccount.get(id);
    if (row === undefined) return undefined;
    const record = accountFrom(row);
    const account: CachedAccount = {
      record,
      written: record,
      mailboxes: undefined,
      dirtyMailboxes: new Set(),
      keywordSets: undefined,
    };
    this.#accounts.set(id, account);
    return account;
  }
}
