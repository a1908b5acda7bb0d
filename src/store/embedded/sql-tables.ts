import { assert } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";
import {
  type AccountId,
  type BlobHash,
  type MailboxId,
  type MessageId,
  type ModSeq,
  type QueueId,
  type ThreadId,
  accountId,
  queueId,
  threadId,
} from "../../base/ids.ts";
import type { StagedBlob } from "../blobs.ts";
import type { AliasRow, DomainRow } from "../directory.ts";
import type { JourneyChange } from "../journeys.ts";
import type { Flags, UidRange } from "../mail-changes.ts";
import type { LogEntry, MailboxRow } from "../mail.ts";
import { journeyHandles } from "../rules/journey-handles.ts";
import { mailboxOf } from "../rules/log-acts.ts";
import { domainOf } from "../rules/names.ts";
import type {
  AccountRecord,
  CopyRecord,
  CounterName,
  MessageRecord,
  QueueRecord,
  RecipientRecord,
  Tables,
} from "../rules/tables.ts";
import type { AccountCache } from "./account-cache.ts";
import type { CopyReader } from "./copy-reader.ts";
import type { JourneyIndex } from "./journey-index.ts";
import { formatAct } from "./log-codec.ts";
import {
  aliasFrom,
  domainFrom,
  messageKey,
  queueFrom,
  recipientColumns,
  recipientFrom,
} from "./record-rows.ts";
import { numberOf } from "./rows.ts";
import type { Statements } from "./statements.ts";

/** Where a body lies that was made durable before its batch. */
export interface StagedPlace {
  readonly segment: number;
  readonly position: number;
}

export interface SqlTablesOptions {
  readonly statements: Statements;
  readonly cache: AccountCache;
  readonly copyReader: CopyReader;
  readonly journeyIndex: JourneyIndex;
  readonly nowMs: () => number;
  /** A large body that was staged and that no row names yet. */
  readonly findStaged: (hash: BlobHash) => StagedPlace | undefined;
}

/** The tables of a batch over SQLite, inside the writer's transaction. */
export class SqlTables implements Tables {
  readonly cache: AccountCache;
  readonly #sql: Statements;
  readonly #copyReader: CopyReader;
  readonly #journeyIndex: JourneyIndex;
  readonly #nowMs: () => number;
  readonly #findStaged: (hash: BlobHash) => StagedPlace | undefined;

  constructor(options: SqlTablesOptions) {
    this.cache = options.cache;
    this.#sql = options.statements;
    this.#copyReader = options.copyReader;
    this.#journeyIndex = options.journeyIndex;
    this.#nowMs = options.nowMs;
    this.#findStaged = options.findStaged;
  }

  next(counter: CounterName): number {
    return numberOf(this.#sql.nextCounter.get(counter), "value");
  }

  isKeyKnown(key: string): boolean {
    return this.#sql.findKey.get(key) !== undefined;
  }

  addKey(key: string, atMs: number): void {
    this.#sql.addKey.run(key, atMs);
  }

  findDomain(name: string): DomainRow | undefined {
    const row = this.#sql.findDomain.get(name);
    return row === undefined ? undefined : domainFrom(row);
  }

  addDomain(row: DomainRow): void {
    this.#sql.addDomain.run(row.name, row.createdAtMs);
  }

  removeDomain(name: string): void {
    this.#sql.removeDomain.run(name);
  }

  isDomainUsed(name: string): boolean {
    return numberOf(this.#sql.isDomainUsed.get(name), "used") === 1;
  }

  findAlias(address: string): AliasRow | undefined {
    const row = this.#sql.findAlias.get(address);
    return row === undefined ? undefined : aliasFrom(row);
  }

  putAlias({ address, targets }: AliasRow): void {
    this.#sql.putAlias.run(address, domainOf(address), JSON.stringify(targets));
  }

  removeAlias(address: string): void {
    this.#sql.removeAlias.run(address);
  }

  findAccount(id: AccountId): AccountRecord | undefined {
    return this.cache.find(id);
  }

  findAccountByAddress(address: string): AccountRecord | undefined {
    const row = this.#sql.findAccountByAddress.get(address);
    return row === undefined ? undefined : this.cache.find(accountId(numberOf(row, "id")));
  }

  putAccount(record: AccountRecord): void {
    this.cache.put(record);
  }

  removeAccount(id: AccountId): void {
    this.cache.remove(id);
    this.#sql.removeAccount.run(id);
    this.#sql.markRemoved.run(id);
  }

  findMailbox(account: AccountId, id: MailboxId): MailboxRow | undefined {
    return this.cache.mailboxes(account).get(id);
  }

  mailboxes(account: AccountId): Iterable<MailboxRow> {
    return this.cache.mailboxes(account).values();
  }

  putMailbox(account: AccountId, row: MailboxRow): void {
    this.cache.putMailbox(account, row);
  }

  removeMailbox(account: AccountId, id: MailboxId): void {
    this.cache.removeMailbox(account, id);
    this.#sql.removeAllCopies.run(account, id);
  }

  isSubscribed(account: AccountId, name: string): boolean {
    return this.#sql.isSubscribed.get(account, name) !== undefined;
  }

  setSubscribed(account: AccountId, name: string, isSubscribed: boolean): void {
    if (isSubscribed) this.#sql.subscribe.run(account, name);
    else this.#sql.unsubscribe.run(account, name);
  }

  copies(account: AccountId, mailbox: MailboxId, uids: readonly UidRange[]): readonly CopyRecord[] {
    return this.#copyReader.read(account, mailbox, uids, this.cache.keywordSets(account));
  }

  addCopies(account: AccountId, mailbox: MailboxId, copies: readonly CopyRecord[]): void {
    for (const copy of copies) {
      this.#sql.addCopy.run(
        account,
        mailbox,
        copy.uid,
        copy.message,
        this.#flagsNumber(account, copy.flags),
        copy.modSeq,
        copy.sizeBytes,
        copy.internalDateMs,
        copy.savedAtMs,
      );
    }
  }

  setFlags(
    account: AccountId,
    mailbox: MailboxId,
    uids: readonly UidRange[],
    flags: Flags,
    modSeq: ModSeq,
  ): void {
    const number = this.#flagsNumber(account, flags);
    for (const [first, last] of uids) {
      this.#sql.setFlags.run(number, modSeq, account, mailbox, first, last);
    }
  }

  removeCopies(account: AccountId, mailbox: MailboxId, uids: readonly UidRange[]): void {
    for (const [first, last] of uids) {
      this.#sql.removeCopies.run(account, mailbox, first, last);
    }
  }

  countCopies(account: AccountId, message: MessageId, by: number, atMs: number): number {
    const key = messageKey(account, message);
    const row = this.#sql.copyCount.get(key);
    const copies = (row === undefined ? 1 : numberOf(row, "copies")) + by;
    if (copies === 1) this.#sql.removeCopyCount.run(key);
    else this.#sql.setCopyCount.run(key, copies, copies === 0 ? atMs : 0);
    return copies;
  }

  addMessage({ account, id, thread, message }: MessageRecord): void {
    const { facts, prefix, blob, journey } = message;
    const key = messageKey(account, id);
    this.#sql.addMessage.run(
      key,
      thread,
      this.#keepBlob(blob),
      blob.sizeBytes,
      prefix.length,
      facts.sentAtMs,
      Number(facts.hasAttachment),
      facts.envelope,
      journey ?? null, // SQL's absence
      facts.messageIdHeader,
      facts.baseSubject,
    );
    this.#sql.addDetail.run(
      key,
      prefix,
      facts.references.length === 0 ? "" : JSON.stringify(facts.references),
      facts.preview,
      facts.bodyStructure,
      facts.structure,
      facts.searchHeaders,
      facts.searchBody,
    );
  }

  messageSize(account: AccountId, message: MessageId): number | undefined {
    const row = this.#sql.messageSize.get(messageKey(account, message));
    return row === undefined ? undefined : numberOf(row, "size_bytes");
  }

  joinThread(account: AccountId, keys: readonly number[], otherwise: ThreadId): ThreadId {
    const unknown: number[] = [];
    let thread: ThreadId | undefined;
    for (const key of keys) {
      const row = this.#sql.findThread.get(account, key);
      if (row === undefined) unknown.push(key);
      else thread ??= threadId(numberOf(row, "thread"));
    }
    thread ??= otherwise;
    for (const key of unknown) this.#sql.addThread.run(account, key, thread);
    return thread;
  }

  addLog(account: AccountId, entries: readonly LogEntry[]): void {
    for (const [place, { modSeq, atMs, actor, act }] of entries.entries()) {
      const mailbox = mailboxOf(act) ?? 0;
      this.#sql.addLog.run(account, modSeq, place, mailbox, atMs, actor, formatAct(act));
    }
  }

  findQueue(id: QueueId): QueueRecord | undefined {
    const row = this.#sql.findQueue.get(id);
    return row === undefined ? undefined : queueFrom(row);
  }

  addQueue(record: QueueRecord, blob: StagedBlob): void {
    const { prefix, ...rest } = record.message;
    const kept = this.#keepBlob(blob);
    const { id, bodyBytes, queuedAtMs } = record;
    this.#sql.addQueue.run(id, kept, bodyBytes, queuedAtMs, prefix, JSON.stringify(rest));
  }

  removeQueue(id: QueueId): void {
    const row = this.#sql.removeQueue.get(id);
    if (row !== undefined) this.#sql.releaseBlob.run(this.#nowMs(), numberOf(row, "blob"));
    this.#sql.removeRecipients.run(id);
  }

  recipients(id: QueueId): readonly RecipientRecord[] {
    return this.#sql.recipients.all(id).map(recipientFrom);
  }

  findRecipient(id: QueueId, recipient: number): RecipientRecord | undefined {
    const row = this.#sql.findRecipient.get(id, recipient);
    return row === undefined ? undefined : recipientFrom(row);
  }

  putRecipient(record: RecipientRecord): void {
    this.#sql.putRecipient.run(...recipientColumns(record));
  }

  removeRecipient(id: QueueId, recipient: number): void {
    this.#sql.removeRecipient.run(id, recipient);
  }

  *readyRecipients(nowMs: number, skip: ReadonlySet<string>): Iterable<RecipientRecord> {
    const ready = this.#sql.readyRecipients.iterate(nowMs, JSON.stringify([...skip]));
    for (const row of ready) {
      const queue = queueId(numberOf(row, "queue"));
      const record = this.findRecipient(queue, numberOf(row, "recipient"));
      if (record !== undefined) yield record;
    }
  }

  appendJourney(change: JourneyChange): void {
    const { journey, steps, messageIdHeader, addresses } = change;
    const atMs = steps.at(-1)?.atMs ?? this.#nowMs();
    const part = JSON.stringify({ steps, messageIdHeader, addresses });
    const number = this.#journeyIndex.add([journey, ...journeyHandles(change)]);
    this.#sql.addPart.run(number, journey, atMs, part);
  }

  #flagsNumber(account: AccountId, { system, keywords }: Flags): number {
    const set = keywords.length === 0 ? 0 : this.cache.internKeywords(account, keywords);
    return system + set * 32;
  }

  /** Counts one more use of a body and keeps its bytes, if they are new. Returns its row's id. */
  #keepBlob({ hash, sizeBytes, inline }: StagedBlob): number {
    const name = Buffer.from(hash, "hex");
    const row = this.#sql.keepBlob.get(name, sizeBytes, this.#nowMs());
    const id = numberOf(row, "id");
    if (typeof row?.["segment"] === "number") return id;
    if (inline !== undefined) {
      assert(inline.length === sizeBytes, "a body has the size that it claims");
      this.#sql.addBody.run(id, inline);
      return id;
    }
    const place = this.#findStaged(hash);
    if (place !== undefined) {
      this.#sql.placeBlob.run(place.segment, place.position, id);
    } else if (this.#sql.hasBody.get(id) === undefined) {
      throw new Refusal("unavailable", "The message took too long; send it again.", hash);
    }
    return id;
  }
}
