import type { DatabaseSync } from "node:sqlite";
import { Refusal } from "../../base/faults.ts";
import { type AccountId, type MailboxId, modSeq } from "../../base/ids.ts";
import type { LogEntry, MailReader, MailboxRow } from "../mail.ts";
import { limitEntries } from "../rules/log-acts.ts";
import { compareText } from "../rules/names.ts";
import type { AccountRecord } from "../rules/tables.ts";
import type { AccountCache } from "./account-cache.ts";
import type { CopyReader } from "./copy-reader.ts";
import { parseAct } from "./log-codec.ts";
import { MessageReader } from "./message-reader.ts";
import { type Row, numberOf, textOf } from "./rows.ts";
import type { Statements } from "./statements.ts";
import type { Unflushed } from "./unflushed.ts";

export interface SqlMailOptions {
  readonly database: DatabaseSync;
  readonly statements: Statements;
  readonly cache: AccountCache;
  readonly copyReader: CopyReader;
  readonly unflushed: Unflushed;
}

/** Reads between commits, when cache and database are equal, and only what is durable. */
export function createSqlMail(options: SqlMailOptions): MailReader {
  const { database, statements, cache, copyReader, unflushed } = options;
  const messages = new MessageReader(database);
  const log = createLogReader(database);
  const getAccount = async (id: AccountId): Promise<AccountRecord> => {
    await unflushed.account(id);
    const account = cache.find(id);
    if (account === undefined) throw new Refusal("noSuchUser", "There is no such account.");
    return account;
  };
  const getMailbox = (account: AccountRecord, id: MailboxId): MailboxRow => {
    const row = cache.mailboxes(account.id).get(id);
    if (row === undefined) throw new Refusal("noSuchMailbox", "There is no such mailbox.");
    return row;
  };
  return {
    account: async (id) => {
      const { modSeq, usedBytes, messageCount, quotaBytes } = await getAccount(id);
      return { modSeq, usedBytes, messageCount, quotaBytes };
    },
    mailboxes: async (id) => {
      const account = await getAccount(id);
      return [...cache.mailboxes(account.id).values()].sort((a, b) => compareText(a.name, b.name));
    },
    subscriptions: async (id) => {
      const account = await getAccount(id);
      return statements.subscriptions.all(account.id).map((row) => textOf(row, "name"));
    },
    loadMailbox: async (id, mailbox) => {
      const account = await getAccount(id);
      return copyReader.load(account, getMailbox(account, mailbox), cache.keywordSets(id));
    },
    changes: async (id, since, { mailbox, limit } = {}) => {
      const account = await getAccount(id);
      return limitEntries(log(account.id, since, mailbox), limit);
    },
    messages: async (id, ids, fields) => {
      const account = await getAccount(id);
      return messages.read(account.id, ids, fields);
    },
  };
}

/** Entries after a number, read one by one so that a limit stops the reading. */
function createLogReader(database: DatabaseSync) {
  const select = "SELECT mod_seq, at_ms, actor, act FROM log WHERE account = ? AND mod_seq > ?";
  const all = database.prepare(`${select} ORDER BY mod_seq, place`);
  const ofMailbox = database.prepare(`${select} AND mailbox = ? ORDER BY mod_seq, place`);
  return function* read(account: AccountId, since: number, mailbox: MailboxId | undefined) {
    const rows =
      mailbox === undefined
        ? all.iterate(account, since)
        : ofMailbox.iterate(account, since, mailbox);
    for (const row of rows) yield entryFrom(row);
  };
}

function entryFrom(row: Row): LogEntry {
  return {
    modSeq: modSeq(numberOf(row, "mod_seq")),
    atMs: numberOf(row, "at_ms"),
    actor: textOf(row, "actor"),
    act: parseAct(textOf(row, "act")),
  };
}
