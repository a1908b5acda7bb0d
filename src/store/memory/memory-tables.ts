import { assert } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";
import type { AccountId, MailboxId, MessageId, ModSeq, QueueId, ThreadId } from "../../base/ids.ts";
import type { StagedBlob } from "../blobs.ts";
import type { AliasRow, DomainRow } from "../directory.ts";
import type { JourneyChange } from "../journeys.ts";
import type { Flags, UidRange } from "../mail-changes.ts";
import type { LogEntry, MailboxRow } from "../mail.ts";
import { journeyHandles } from "../rules/journey-handles.ts";
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
import { includesUid } from "../rules/uid-ranges.ts";
import type { MemoryAccount, MemoryDisk, MemoryMailbox } from "./memory-disk.ts";
import { UndoLog } from "../rules/undo-log.ts";

/** The tables of a batch over a memory disk. */
export class MemoryTables implements Tables {
  readonly undo = new UndoLog();
  readonly #disk: MemoryDisk;
  readonly #nowMs: () => number;

  constructor(disk: MemoryDisk, nowMs: () => number) {
    this.#disk = disk;
    this.#nowMs = nowMs;
  }

  next(counter: CounterName): number {
    const { counters } = this.#disk;
    this.undo.assign(counters, { [counter]: counters[counter] + 1 });
    return counters[counter];
  }

  isKeyKnown(key: string): boolean {
    return this.#disk.batchKeys.has(key);
  }

  addKey(key: string, atMs: number): void {
    this.undo.set(this.#disk.batchKeys, key, atMs);
  }

  findDomain(name: string): DomainRow | undefined {
    return this.#disk.domains.get(name);
  }

  addDomain(row: DomainRow): void {
    this.undo.set(this.#disk.domains, row.name, row);
  }

  removeDomain(name: string): void {
    this.undo.delete(this.#disk.domains, name);
  }

  isDomainUsed(name: string): boolean {
    const { addresses, aliases } = this.#disk;
    for (const address of addresses.keys()) if (domainOf(address) === name) return true;
    for (const address of aliases.keys()) if (domainOf(address) === name) return true;
    return false;
  }

  findAlias(address: string): AliasRow | undefined {
    return this.#disk.aliases.get(address);
  }

  putAlias(row: AliasRow): void {
    this.undo.set(this.#disk.aliases, row.address, row);
  }

  removeAlias(address: string): void {
    this.undo.delete(this.#disk.aliases, address);
  }

  findAccount(id: AccountId): AccountRecord | undefined {
    return this.#disk.accounts.get(id)?.record;
  }

  findAccountByAddress(address: string): AccountRecord | undefined {
    const id = this.#disk.addresses.get(address);
    return id === undefined ? undefined : this.findAccount(id);
  }

  putAccount(record: AccountRecord): void {
    const account = this.#disk.accounts.get(record.id);
    if (account !== undefined) return this.undo.assign(account, { record });
    this.undo.set(this.#disk.addresses, record.address, record.id);
    this.undo.set(this.#disk.accounts, record.id, {
      record,
      mailboxes: new Map(),
      subscriptions: new Set<string>(),
      messages: new Map(),
      threads: new Map(),
      log: [],
    });
  }

  removeAccount(id: AccountId): void {
    const account = this.#account(id);
    for (const { kept } of account.messages.values()) this.#releaseBlob(kept.blob);
    this.undo.delete(this.#disk.addresses, account.record.address);
    this.undo.delete(this.#disk.accounts, id);
  }

  findMailbox(account: AccountId, id: MailboxId): MailboxRow | undefined {
    return this.#disk.accounts.get(account)?.mailboxes.get(id)?.row;
  }

  mailboxes(account: AccountId): Iterable<MailboxRow> {
    return this.#account(account)
      .mailboxes.values()
      .map((mailbox) => mailbox.row);
  }

  putMailbox(account: AccountId, row: MailboxRow): void {
    const { mailboxes } = this.#account(account);
    const mailbox = mailboxes.get(row.id);
    if (mailbox === undefined) this.undo.set(mailboxes, row.id, { row, copies: [] });
    else this.undo.assign(mailbox, { row });
  }

  removeMailbox(account: AccountId, id: MailboxId): void {
    this.undo.delete(this.#account(account).mailboxes, id);
  }

  isSubscribed(account: AccountId, name: string): boolean {
    return this.#account(account).subscriptions.has(name);
  }

  setSubscribed(account: AccountId, name: string, isSubscribed: boolean): void {
    const { subscriptions } = this.#account(account);
    const before = subscriptions.has(name);
    const set = (value: boolean) => {
      if (value) subscriptions.add(name);
      else subscriptions.delete(name);
    };
    set(isSubscribed);
    this.undo.add(() => set(before));
  }

  copies(account: AccountId, mailbox: MailboxId, uids: readonly UidRange[]): readonly CopyRecord[] {
    const { copies } = this.#mailbox(account, mailbox);
    return copies.filter((copy) => includesUid(uids, copy.uid));
  }

  addCopies(account: AccountId, mailbox: MailboxId, copies: readonly CopyRecord[]): void {
    this.undo.push(this.#mailbox(account, mailbox).copies, copies);
  }

  setFlags(
    account: AccountId,
    id: MailboxId,
    uids: readonly UidRange[],
    flags: Flags,
    modSeq: ModSeq,
  ): void {
    const mailbox = this.#mailbox(account, id);
    const copies = mailbox.copies.map((copy) =>
      includesUid(uids, copy.uid) ? { ...copy, flags, modSeq } : copy,
    );
    this.undo.assign(mailbox, { copies });
  }

  removeCopies(account: AccountId, id: MailboxId, uids: readonly UidRange[]): void {
    const mailbox = this.#mailbox(account, id);
    const copies = mailbox.copies.filter((copy) => !includesUid(uids, copy.uid));
    this.undo.assign(mailbox, { copies });
  }

  countCopies(account: AccountId, id: MessageId, by: number, atMs: number): number {
    const message = this.#account(account).messages.get(id);
    assert(message !== undefined, "a copy's message is kept");
    const copyCount = message.copyCount + by;
    this.undo.assign(message, { copyCount, goneAtMs: atMs });
    return copyCount;
  }

  addMessage({ account, id, thread, message }: MessageRecord): void {
    this.#keepBlob(message.blob);
    const { hash, sizeBytes } = message.blob;
    const kept = { ...message, blob: { hash, sizeBytes }, thread };
    this.undo.set(this.#account(account).messages, id, { kept, copyCount: 1, goneAtMs: 0 });
  }

  messageSize(account: AccountId, id: MessageId): number | undefined {
    const kept = this.#account(account).messages.get(id)?.kept;
    return kept === undefined ? undefined : kept.prefix.length + kept.blob.sizeBytes;
  }

  joinThread(account: AccountId, keys: readonly number[], otherwise: ThreadId): ThreadId {
    const { threads } = this.#account(account);
    const known = keys.find((key) => threads.has(key));
    const thread = (known === undefined ? undefined : threads.get(known)) ?? otherwise;
    for (const key of keys) if (!threads.has(key)) this.undo.set(threads, key, thread);
    return thread;
  }

  addLog(account: AccountId, entries: readonly LogEntry[]): void {
    this.undo.push(this.#account(account).log, entries);
  }

  findQueue(id: QueueId): QueueRecord | undefined {
    return this.#disk.queue.get(id);
  }

  addQueue(record: QueueRecord, blob: StagedBlob): void {
    this.#keepBlob(blob);
    this.undo.set(this.#disk.queue, record.id, record);
    this.undo.set(this.#disk.recipients, record.id, new Map());
  }

  removeQueue(id: QueueId): void {
    const entry = this.#disk.queue.get(id);
    if (entry !== undefined) this.#releaseBlob(entry);
    this.undo.delete(this.#disk.queue, id);
    this.undo.delete(this.#disk.recipients, id);
  }

  recipients(id: QueueId): readonly RecipientRecord[] {
    const records = this.#disk.recipients.get(id)?.values() ?? [];
    return [...records].sort((a, b) => a.recipient - b.recipient);
  }

  findRecipient(id: QueueId, recipient: number): RecipientRecord | undefined {
    return this.#disk.recipients.get(id)?.get(recipient);
  }

  putRecipient(record: RecipientRecord): void {
    const records = this.#disk.recipients.get(record.queue);
    assert(records !== undefined, "a recipient belongs to a queued message");
    this.undo.set(records, record.recipient, record);
  }

  removeRecipient(id: QueueId, recipient: number): void {
    const records = this.#disk.recipients.get(id);
    if (records !== undefined) this.undo.delete(records, recipient);
  }

  readyRecipients(nowMs: number, skip: ReadonlySet<string>): Iterable<RecipientRecord> {
    const ready: RecipientRecord[] = [];
    for (const records of this.#disk.recipients.values()) {
      for (const one of records.values()) {
        if (!one.isHeld && one.readyAtMs <= nowMs && !skip.has(one.destination)) ready.push(one);
      }
    }
    return ready.sort(
      (a, b) => a.readyAtMs - b.readyAtMs || a.queue - b.queue || a.recipient - b.recipient,
    );
  }

  appendJourney(change: JourneyChange): void {
    const { journeys, journeyHandles: handles, journeyParts } = this.#disk;
    const known = journeys.get(change.journey);
    this.undo.set(journeys, change.journey, {
      journey: change.journey,
      messageIdHeader: known?.messageIdHeader || (change.messageIdHeader ?? ""),
      addresses: [...new Set([...(known?.addresses ?? []), ...(change.addresses ?? [])])],
      steps: [...(known?.steps ?? []), ...change.steps],
    });
    const atMs = change.steps.at(-1)?.atMs ?? this.#nowMs();
    this.undo.push(journeyParts, [{ ...change, kind: "journey", atMs }]);
    for (const handle of journeyHandles(change)) {
      const found = handles.get(handle);
      if (found === undefined) this.undo.set(handles, handle, [change.journey]);
      else this.undo.push(found, [change.journey]);
    }
  }

  #account(id: AccountId): MemoryAccount {
    const account = this.#disk.accounts.get(id);
    assert(account !== undefined, "the account was found before");
    return account;
  }

  #mailbox(account: AccountId, id: MailboxId): MemoryMailbox {
    const mailbox = this.#account(account).mailboxes.get(id);
    assert(mailbox !== undefined, "the mailbox was found before");
    return mailbox;
  }

  #keepBlob({ hash, inline }: StagedBlob): void {
    const blob = this.#disk.blobs.get(hash);
    if (blob !== undefined) return this.undo.assign(blob, { refCount: blob.refCount + 1 });
    if (inline === undefined) {
      throw new Refusal("unavailable", "The message took too long; send it again.", hash);
    }
    this.undo.set(this.#disk.blobs, hash, { bytes: inline, refCount: 1, freeSinceMs: 0 });
  }

  #releaseBlob({ hash }: Pick<StagedBlob, "hash">): void {
    const blob = this.#disk.blobs.get(hash);
    assert(blob !== undefined && blob.refCount > 0, "a body that is used is kept");
    this.undo.assign(blob, { refCount: blob.refCount - 1, freeSinceMs: this.#nowMs() });
  }
}
