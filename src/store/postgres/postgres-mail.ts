import { assert } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";
import { type AccountId, type MailboxId, type ModSeq, modSeq } from "../../base/ids.ts";
import type { LogEntry, MailReader, MailboxColumns } from "../mail.ts";
import { emptyColumns } from "../rules/columns.ts";
import { KeywordSets } from "../rules/keyword-sets.ts";
import { limitEntries } from "../rules/log-acts.ts";
import { compareText } from "../rules/names.ts";
import { MessageReader } from "./message-reader.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { accountFrom, keywordsFrom, logEntryFrom, mailboxFrom } from "./record-rows.ts";
import { type Row, numberOf, numbersOf, textOf } from "./rows.ts";
import { statement } from "./statement.ts";

const sql = {
  account: statement("account", "SELECT * FROM account WHERE id = $1"),
  // An account without rows is told from one that does not exist by its own, empty row.
  mailboxes: statement(
    "mailboxes",
    `SELECT mailbox.*, account.id AS owner FROM account
       LEFT JOIN mailbox ON mailbox.account = account.id WHERE account.id = $1`,
  ),
  subscriptions: statement(
    "subscriptions",
    `SELECT name FROM account LEFT JOIN subscription ON subscription.account = account.id
       WHERE account.id = $1`,
  ),
  // One statement, so that row and copies are of one state. Each column comes as one array.
  columns: statement(
    "columns",
    `SELECT account.mod_seq AS as_of, mailbox.*, loaded.* FROM account
       LEFT JOIN mailbox ON mailbox.account = account.id AND mailbox.id = $2
       CROSS JOIN (SELECT array_agg(uid) AS uids, array_agg(message) AS messages,
           array_agg(system_flags) AS system, array_agg(mod_seq) AS mod_seqs,
           array_agg(size_bytes) AS sizes, array_agg(internal_date_ms) AS internal_dates,
           array_agg(saved_at_ms) AS saved_at,
           json_agg(json_build_array(uid, keywords)) FILTER (WHERE keywords <> '') AS keywords
         FROM (SELECT * FROM copy WHERE account = $1 AND mailbox = $2 ORDER BY uid) AS copies)
         AS loaded
       WHERE account.id = $1`,
  ),
  // What an account that was removed leaves is there for a while. Entries of one number stay together; numbers follow each other without gaps.
  changes: statement(
    "changes",
    `SELECT mod_seq, at_ms, actor, act FROM log WHERE account = $1 AND mod_seq > $2
       AND mod_seq <= $2 + $3 AND EXISTS (SELECT FROM account WHERE id = $1)
       ORDER BY mod_seq, place`,
  ),
  changesOfMailbox: statement(
    "changesOfMailbox",
    `SELECT mod_seq, at_ms, actor, act FROM log WHERE account = $1 AND mailbox = $4
       AND mod_seq > $2 AND mod_seq <= (SELECT max(mod_seq) FROM (SELECT DISTINCT mod_seq
         FROM log WHERE account = $1 AND mailbox = $4 AND mod_seq > $2
         ORDER BY mod_seq LIMIT $3) AS numbers)
         AND EXISTS (SELECT FROM account WHERE id = $1)
       ORDER BY mod_seq, place`,
  ),
} as const;

/** More than any account has entries. */
const noLimit = 2 ** 52;

export function createPostgresMail(pool: ReaderPool): MailReader {
  const messages = new MessageReader(pool);
  const getAccount = async (id: AccountId) => {
    const [row] = await pool.query(sql.account, [id]);
    return accountFrom(getRow(row));
  };
  const readLog = async (
    id: AccountId,
    since: ModSeq,
    mailbox: MailboxId | undefined,
    limit: number | undefined,
  ): Promise<readonly LogEntry[]> => {
    const count = limit ?? noLimit;
    const rows =
      mailbox === undefined
        ? await pool.query(sql.changes, [id, since, count])
        : await pool.query(sql.changesOfMailbox, [id, since, count, mailbox]);
    return limitEntries(rows.map(logEntryFrom), limit);
  };
  return {
    account: async (id) => {
      const { modSeq: newest, usedBytes, messageCount, quotaBytes } = await getAccount(id);
      return { modSeq: newest, usedBytes, messageCount, quotaBytes };
    },
    mailboxes: async (id) => {
      const rows = await pool.query(sql.mailboxes, [id]);
      getRow(rows[0]);
      return rows
        .filter((row) => row["id"] !== null)
        .map(mailboxFrom)
        .sort((a, b) => compareText(a.name, b.name));
    },
    subscriptions: async (id) => {
      const rows = await pool.query(sql.subscriptions, [id]);
      getRow(rows[0]);
      const names = rows.filter((row) => row["name"] !== null).map((row) => textOf(row, "name"));
      return names.sort(compareText);
    },
    loadMailbox: async (id, mailbox) => {
      const [row] = await pool.query(sql.columns, [id, mailbox]);
      return columnsFrom(getRow(row));
    },
    changes: async (id, since, { mailbox, limit } = {}) => {
      const entries = await readLog(id, since, mailbox, limit);
      if (entries.length === 0) await getAccount(id);
      return entries;
    },
    messages: async (id, ids, fields) => {
      const found = await messages.read(id, ids, fields);
      // Only who finds nothing may be asking for an account that is not there.
      if (found.every((message) => message === undefined)) await getAccount(id);
      return found;
    },
  };
}

function getRow(row: Row | undefined): Row {
  if (row === undefined) throw new Refusal("noSuchUser", "There is no such account.");
  return row;
}

function columnsFrom(row: Row): MailboxColumns {
  if (row["id"] === null) throw new Refusal("noSuchMailbox", "There is no such mailbox.");
  const mailbox = mailboxFrom(row);
  const uids = numbersOf(row, "uids");
  const count = uids.length;
  assert(count === mailbox.totalCount, "a mailbox counts its copies");
  const columns = emptyColumns(count);
  columns.uids.set(uids);
  columns.messageIds.set(numbersOf(row, "messages"));
  columns.systemFlags.set(numbersOf(row, "system"));
  columns.modSeqs.set(numbersOf(row, "mod_seqs"));
  columns.sizes.set(numbersOf(row, "sizes"));
  columns.internalDatesMs.set(numbersOf(row, "internal_dates"));
  columns.savedAtMs.set(numbersOf(row, "saved_at"));
  const sets = new KeywordSets();
  if (row["keywords"] !== null) {
    const flagged: [uid: number, keywords: string][] = JSON.parse(textOf(row, "keywords"));
    const keywordsOf = new Map(flagged);
    for (const [index, uid] of columns.uids.entries()) {
      const text = keywordsOf.get(uid);
      if (text === undefined) continue;
      const keywords = keywordsFrom(text);
      columns.keywordSet[index] = sets.find(keywords) ?? sets.add(keywords);
    }
  }
  const asOf = modSeq(numberOf(row, "as_of"));
  return { mailbox, asOf, count, ...columns, keywordSets: sets.all };
}
