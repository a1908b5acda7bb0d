import type { AccountId, MailboxId } from "../../base/ids.ts";
import { journeyHandles } from "../rules/journey-handles.ts";
import { mailboxOf } from "../rules/log-acts.ts";
import { domainOf } from "../rules/names.ts";
import type { AccountRecord, CopyRecord, MessageRecord } from "../rules/tables.ts";
import { textKey } from "../rules/threads.ts";
import type { AccountRows } from "./account-rows.ts";
import { booleans, byteas, float8s, int4s, int8s, texts } from "./array-parameter.ts";
import type { Connection, Parameter } from "./connection.ts";
import type { GroupTables } from "./group-tables.ts";
import { hashBytes, recipientRest } from "./record-rows.ts";
import type { Statement } from "./statement.ts";
import { sql } from "./write-statements.ts";

export interface WriteOptions {
  readonly connection: Connection;
  readonly tables: GroupTables;
  /** The name of the commit, and which try it is. */
  readonly commitKey: string;
  readonly commitTry: number;
  /** The server that takes leases. */
  readonly owner: string;
  readonly nowMs: number;
}

/**
 * Writes all that a group changed and commits, in one round trip: a statement per table whatever
 * the number of rows. Resolves once the commit is durable.
 * @throws whatever the first statement that failed says; then nothing was written, unless the
 *   connection was lost, after which nobody knows.
 */
export async function writeGroup(options: WriteOptions): Promise<void> {
  const { connection, tables, commitKey, owner, nowMs } = options;
  const writes = listWrites(tables, owner, nowMs);
  if (writes.length === 0) {
    await connection.run("ROLLBACK");
    return;
  }
  const named: TableWrite = [sql.addCommit, [commitKey, options.commitTry, nowMs]];
  const written = [...writes, named].map(([query, parameters]) =>
    connection.query(query, parameters),
  );
  const ended = connection.run("COMMIT");
  await Promise.all([...written, ended]);
  if ((await ended) !== "COMMIT") throw new Error("the database did not commit");
}

/** A statement, and what its parameters are. */
export type TableWrite = readonly [Statement, readonly Parameter[]];

/** What brings the database to the state of the tables, in the order in which it must run. */
export function listWrites(
  tables: GroupTables,
  owner: string,
  nowMs: number,
): readonly TableWrite[] {
  const writes: TableWrite[] = [];
  const write: Write = (query, parameters) => void writes.push([query, parameters]);
  writeBlobs(write, tables, nowMs);
  writeDirectory(write, tables);
  writeAccounts(write, tables);
  writeMailboxes(write, tables);
  writeCopies(write, tables);
  writeMessages(write, tables);
  writeLog(write, tables);
  writeQueue(write, tables, owner);
  writeJourneys(write, tables.journeys, nowMs);
  return writes;
}

type Write = (query: Statement, parameters: readonly Parameter[]) => void;

function writeBlobs(write: Write, tables: GroupTables, nowMs: number): void {
  // In one order, so that commits that share bodies cannot wait for each other in a circle.
  const uses = Array.from(tables.blobUses).sort(([a], [b]) => (a < b ? -1 : 1));
  const kept = uses.filter(([, use]) => use.keeps > 0);
  if (kept.length > 0) {
    write(sql.keepBlobs, [
      byteas(kept.map(([hash]) => hashBytes(hash))),
      int8s(kept.map(([, use]) => use.sizeBytes)),
      int8s(kept.map(([, use]) => use.keeps)),
    ]);
  }
  const inline = kept.flatMap(([hash, { inline: bytes }]) =>
    bytes === undefined ? [] : [{ hash: hashBytes(hash), bytes }],
  );
  if (inline.length > 0) {
    write(sql.addSmallBodies, [
      byteas(inline.map(({ hash }) => hash)),
      byteas(inline.map(({ bytes }) => bytes)),
    ]);
  }
  const released = uses.filter(([, use]) => use.releases > 0);
  if (released.length > 0) {
    write(sql.releaseBlobs, [
      byteas(released.map(([hash]) => hashBytes(hash))),
      int8s(released.map(([, use]) => use.releases)),
      nowMs,
    ]);
  }
}

function writeDirectory(write: Write, tables: GroupTables): void {
  const { before, now } = tables.directory;
  if (before !== now) write(sql.setDirectory, [now]);
  for (const { key, now: row } of tables.keys.changes()) write(sql.addKey, [key, row]);
  for (const { key, now: row } of tables.domains.changes()) {
    if (row === undefined) write(sql.removeDomain, [key]);
    else write(sql.addDomain, [key, row.createdAtMs]);
  }
  for (const { key, now: row } of tables.aliases.changes()) {
    if (row === undefined) write(sql.removeAlias, [key]);
    else write(sql.putAlias, [key, domainOf(key), JSON.stringify(row.targets)]);
  }
}

function writeAccounts(write: Write, tables: GroupTables): void {
  const counted: AccountRecord[] = [];
  for (const { key, before, now } of tables.accounts.changes()) {
    if (now === undefined) write(sql.removeAccount, [key]);
    else if (before === undefined || !isOnlyCounted(before, now)) putAccount(write, now);
    else counted.push(now);
  }
  if (counted.length === 0) return;
  write(sql.countAccounts, [
    int8s(counted.map((record) => record.id)),
    int8s(counted.map((record) => record.modSeq)),
    int8s(counted.map((record) => record.usedBytes)),
    int8s(counted.map((record) => record.messageCount)),
    int8s(counted.map((record) => record.nextMailbox)),
    int8s(counted.map((record) => record.nextMessage)),
    int8s(counted.map((record) => record.lastUidValidity)),
  ]);
}

function isOnlyCounted(before: AccountRecord, now: AccountRecord): boolean {
  return (
    before.secret === now.secret &&
    before.displayName === now.displayName &&
    before.quotaBytes === now.quotaBytes &&
    before.isEnabled === now.isEnabled
  );
}

function putAccount(write: Write, record: AccountRecord): void {
  write(sql.putAccount, [
    record.id,
    record.address,
    domainOf(record.address),
    record.displayName,
    record.secret,
    record.quotaBytes,
    record.isEnabled,
    record.createdAtMs,
    record.modSeq,
    record.usedBytes,
    record.messageCount,
    record.nextMailbox,
    record.nextMessage,
    record.lastUidValidity,
  ]);
}

function writeMailboxes(write: Write, tables: GroupTables): void {
  const put = [];
  for (const [account, { mailboxes, subscriptions }] of tables.rowsOf) {
    for (const { key, now } of mailboxes.changes()) {
      if (now === undefined) write(sql.removeMailbox, [account, key]);
      else put.push({ account, row: now });
    }
    for (const { key, now } of subscriptions.changes()) {
      write(now === undefined ? sql.unsubscribe : sql.subscribe, [account, key]);
    }
  }
  if (put.length === 0) return;
  write(sql.putMailboxes, [
    int8s(put.map(({ account }) => account)),
    int8s(put.map(({ row }) => row.id)),
    texts(put.map(({ row }) => row.name)),
    texts(put.map(({ row }) => row.role)),
    int8s(put.map(({ row }) => row.uidValidity)),
    int8s(put.map(({ row }) => row.uidNext)),
    int8s(put.map(({ row }) => row.modSeq)),
    int8s(put.map(({ row }) => row.totalCount)),
    int8s(put.map(({ row }) => row.unseenCount)),
    int8s(put.map(({ row }) => row.deletedCount)),
    int8s(put.map(({ row }) => row.sizeBytes)),
    texts(put.map(({ row }) => row.annotations && JSON.stringify(row.annotations))),
  ]);
}

function writeCopies(write: Write, tables: GroupTables): void {
  const added: CopyRow[] = [];
  const flagged: CopyRow[] = [];
  const removed = [];
  for (const [account, rows] of tables.rowsOf) {
    for (const [mailbox, copies] of rows.copies) {
      if (isRemoved(rows, mailbox)) continue;
      for (const { key: uid, before, now } of copies.changes()) {
        if (now === undefined) removed.push({ account, mailbox, uid });
        else (before === undefined ? added : flagged).push({ account, mailbox, copy: now });
      }
    }
  }
  if (removed.length > 0) {
    write(sql.removeCopies, [
      int8s(removed.map(({ account }) => account)),
      int8s(removed.map(({ mailbox }) => mailbox)),
      int8s(removed.map(({ uid }) => uid)),
    ]);
  }
  for (const [query, copies] of [
    [sql.addCopies, added],
    [sql.flagCopies, flagged],
  ] as const) {
    if (copies.length === 0) continue;
    write(query, [
      int8s(copies.map(({ account }) => account)),
      int8s(copies.map(({ mailbox }) => mailbox)),
      int8s(copies.map(({ copy }) => copy.uid)),
      int4s(copies.map(({ copy }) => copy.flags.system)),
      texts(copies.map(({ copy }) => copy.flags.keywords.join(" "))),
      int8s(copies.map(({ copy }) => copy.modSeq)),
      ...(query === sql.flagCopies
        ? []
        : [
            int8s(copies.map(({ copy }) => copy.message)),
            int8s(copies.map(({ copy }) => copy.sizeBytes)),
            float8s(copies.map(({ copy }) => copy.internalDateMs)),
            float8s(copies.map(({ copy }) => copy.savedAtMs)),
          ]),
    ]);
  }
}

interface CopyRow {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly copy: CopyRecord;
}

/** The copies of a mailbox that goes go with it. */
function isRemoved(rows: AccountRows, mailbox: MailboxId): boolean {
  return rows.mailboxes.get(mailbox) === undefined;
}

function writeMessages(write: Write, tables: GroupTables): void {
  const { newMessages } = tables;
  if (newMessages.length > 0) addMessages(write, newMessages);
  const counts = [];
  const single = [];
  const threads = [];
  for (const [account, rows] of tables.rowsOf) {
    for (const { key, before, now } of rows.messages.changes()) {
      if (now === undefined) continue;
      if (now.copies !== 1) counts.push({ account, message: key, ...now });
      else if (before !== undefined) single.push({ account, message: key });
    }
    for (const { key, now } of rows.threads.changes()) {
      if (now !== undefined) threads.push({ account, key, thread: now });
    }
  }
  if (counts.length > 0) {
    write(sql.setCopyCounts, [
      int8s(counts.map(({ account }) => account)),
      int8s(counts.map(({ message }) => message)),
      int8s(counts.map(({ copies }) => copies)),
      float8s(counts.map(({ goneAtMs }) => goneAtMs)),
    ]);
  }
  if (single.length > 0) {
    write(sql.removeCopyCounts, [
      int8s(single.map(({ account }) => account)),
      int8s(single.map(({ message }) => message)),
    ]);
  }
  if (threads.length > 0) {
    write(sql.addThreads, [
      int8s(threads.map(({ account }) => account)),
      int8s(threads.map(({ key }) => key)),
      int8s(threads.map(({ thread }) => thread)),
    ]);
  }
}

function addMessages(write: Write, records: readonly MessageRecord[]): void {
  const facts = records.map(({ message }) => message.facts);
  write(sql.addMessages, [
    int8s(records.map(({ account }) => account)),
    int8s(records.map(({ id }) => id)),
    int8s(records.map(({ thread }) => thread)),
    byteas(records.map(({ message }) => hashBytes(message.blob.hash))),
    int8s(records.map(({ message }) => message.blob.sizeBytes)),
    float8s(facts.map(({ sentAtMs }) => sentAtMs)),
    booleans(facts.map(({ hasAttachment }) => hasAttachment)),
    texts(facts.map(({ envelope }) => envelope)),
    byteas(records.map(({ message }) => message.prefix)),
    texts(records.map(({ message }) => message.journey)),
    texts(facts.map(({ messageIdHeader }) => messageIdHeader)),
    texts(facts.map(({ baseSubject }) => baseSubject)),
    texts(facts.map(({ references }) => (references.length ? JSON.stringify(references) : ""))),
    texts(facts.map(({ preview }) => preview)),
    texts(facts.map(({ bodyStructure }) => bodyStructure)),
    texts(facts.map(({ structure }) => structure)),
    texts(facts.map(({ searchHeaders }) => searchHeaders)),
    texts(facts.map(({ searchBody }) => searchBody)),
  ]);
}

function writeLog(write: Write, { newLog }: GroupTables): void {
  const rows = newLog.flatMap(({ account, entries }) =>
    entries.map((entry, place): LogRow => ({ account, place, ...entry })),
  );
  if (rows.length === 0) return;
  write(sql.addLog, [
    int8s(rows.map(({ account }) => account)),
    int8s(rows.map(({ modSeq }) => modSeq)),
    int4s(rows.map(({ place }) => place)),
    int8s(rows.map(({ act }) => mailboxOf(act) ?? 0)),
    float8s(rows.map(({ atMs }) => atMs)),
    texts(rows.map(({ actor }) => actor)),
    texts(rows.map(({ act }) => JSON.stringify(act))),
  ]);
}

type LogRow = GroupTables["newLog"][number]["entries"][number] & {
  readonly account: AccountId;
  /** Order of entries that share a number. */
  readonly place: number;
};

function writeQueue(write: Write, tables: GroupTables, owner: string): void {
  for (const { key, before, now } of tables.queues.changes()) {
    if (now === undefined) {
      // Its recipients go below.
      if (before !== undefined) write(sql.removeQueue, [key]);
      continue;
    }
    const { prefix, ...rest } = now.message;
    const { hash, bodyBytes, queuedAtMs } = now;
    const message = JSON.stringify(rest);
    write(sql.addQueue, [key, hashBytes(hash), bodyBytes, queuedAtMs, prefix, message]);
  }
  const removed = [];
  const put = [];
  for (const [queue, rows] of tables.recipientsOf) {
    for (const { key, now } of rows.changes()) {
      if (now === undefined) removed.push({ queue, recipient: key });
      else put.push(now);
    }
  }
  if (removed.length > 0) {
    write(sql.removeRecipients, [
      int8s(removed.map(({ queue }) => queue)),
      int4s(removed.map(({ recipient }) => recipient)),
    ]);
  }
  if (put.length === 0) return;
  write(sql.putRecipients, [
    int8s(put.map(({ queue }) => queue)),
    int4s(put.map(({ recipient }) => recipient)),
    texts(put.map(({ destination }) => destination)),
    float8s(put.map(({ readyAtMs }) => readyAtMs)),
    booleans(put.map(({ isHeld }) => isHeld)),
    int8s(put.map(({ lease }) => lease)),
    float8s(put.map(({ dueAtMs }) => dueAtMs)),
    texts(put.map(recipientRest)),
    owner,
  ]);
}

function writeJourneys(write: Write, parts: GroupTables["journeys"], nowMs: number): void {
  if (parts.length === 0) return;
  const changes = parts.map(({ change }) => change);
  const handles = changes.map((part) =>
    [part.journey, ...journeyHandles(part)].map(textKey).join(),
  );
  write(sql.addJourneys, [
    texts(changes.map(({ journey }) => journey)),
    float8s(parts.map(({ change, atMs }) => change.steps.at(-1)?.atMs ?? atMs ?? nowMs)),
    texts(handles.map((keys) => `{${keys}}`)),
    texts(
      changes.map(({ steps, messageIdHeader, addresses }) =>
        JSON.stringify({ steps, messageIdHeader, addresses }),
      ),
    ),
  ]);
}
