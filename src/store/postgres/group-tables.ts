import { assert } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";
import type {
  AccountId,
  BlobHash,
  MailboxId,
  MessageId,
  ModSeq,
  QueueId,
  ThreadId,
} from "../../base/ids.ts";
import type { StagedBlob } from "../blobs.ts";
import type { AliasRow, DomainRow } from "../directory.ts";
import type { JourneyChange } from "../journeys.ts";
import type { Flags, UidRange } from "../mail-changes.ts";
import type { LogEntry, MailboxRow } from "../mail.ts";
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
import { UndoLog } from "../rules/undo-log.ts";
import { AccountRows, copiesIn } from "./account-rows.ts";
import { LoadedRows } from "./loaded-rows.ts";

/** How a commit changes the uses of a body. */
export interface BlobUse {
  readonly sizeBytes: number;
  readonly keeps: number;
  readonly releases: number;
  readonly inline: Uint8Array | undefined;
}

/** Numbers that were taken from the database's sequences and not given to anybody yet. */
export type NumberPools = Readonly<Record<Exclude<CounterName, "directory">, number[]>>;

/**
 * The tables of a group of batches: rows that were loaded before, changed in memory and written
 * together afterwards (load-group.ts, write-group.ts), so that a commit takes two round trips to
 * the database however many batches it has.
 */
export class GroupTables implements Tables {
  readonly undo = new UndoLog();
  readonly pools: NumberPools;
  readonly keys = new LoadedRows<string, number>(false);
  readonly domains = new LoadedRows<string, DomainRow>(false);
  readonly aliases = new LoadedRows<string, AliasRow>(false);
  readonly addresses = new LoadedRows<string, AccountId>(false);
  readonly accounts = new LoadedRows<AccountId, AccountRecord>(false);
  readonly rowsOf = new Map<AccountId, AccountRows>();
  /** How many accounts and aliases lie in a domain. */
  readonly domainUses = new Map<string, number>();
  readonly queues = new LoadedRows<QueueId, QueueRecord>(false);
  readonly recipientsOf = new Map<QueueId, LoadedRows<number, RecipientRecord>>();
  readonly storedBlobs = new Set<BlobHash>();
  readonly blobUses = new Map<BlobHash, BlobUse>();
  readonly newMessages: MessageRecord[] = [];
  readonly newLog: { readonly account: AccountId; readonly entries: readonly LogEntry[] }[] = [];
  readonly journeys: { readonly change: JourneyChange; readonly atMs: number | undefined }[] = [];
  readonly directory = { before: 0, now: 0 };
  /** When journey parts without steps are from; undefined: when they are written. */
  journeyAtMs: number | undefined;

  constructor(pools: NumberPools) {
    this.pools = pools;
  }

  /** The rows of an account that exists or is being made. */
  account(id: AccountId, isNew = false): AccountRows {
    let rows = this.rowsOf.get(id);
    if (rows === undefined) this.rowsOf.set(id, (rows = new AccountRows(isNew)));
    return rows;
  }

  recipientRows(id: QueueId): LoadedRows<number, RecipientRecord> {
    let rows = this.recipientsOf.get(id);
    if (rows === undefined) this.recipientsOf.set(id, (rows = new LoadedRows(true)));
    return rows;
  }

  next(counter: CounterName): number {
    if (counter === "directory") {
      this.undo.assign(this.directory, { now: this.directory.now + 1 });
      return this.directory.now;
    }
    const pool = this.pools[counter];
    const number = pool.shift();
    assert(number !== undefined, "as many numbers were taken as the batches need");
    this.undo.add(() => pool.unshift(number));
    return number;
  }

  isKeyKnown(key: string): boolean {
    return this.keys.get(key) !== undefined;
  }

  addKey(key: string, atMs: number): void {
    this.keys.set(this.undo, key, atMs);
  }

  findDomain(name: string): DomainRow | undefined {
    return this.domains.get(name);
  }

  addDomain(row: DomainRow): void {
    this.domains.set(this.undo, row.name, row);
  }

  removeDomain(name: string): void {
    this.domains.set(this.undo, name, undefined);
  }

  isDomainUsed(name: string): boolean {
    const uses = this.domainUses.get(name);
    assert(uses !== undefined, "what lies in the domain was counted");
    return uses > 0;
  }

  findAlias(address: string): AliasRow | undefined {
    return this.aliases.get(address);
  }

  putAlias(row: AliasRow): void {
    if (this.aliases.get(row.address) === undefined) this.#countUse(row.address, 1);
    this.aliases.set(this.undo, row.address, row);
  }

  removeAlias(address: string): void {
    this.#countUse(address, -1);
    this.aliases.set(this.undo, address, undefined);
  }

  findAccount(id: AccountId): AccountRecord | undefined {
    return this.accounts.get(id);
  }

  findAccountByAddress(address: string): AccountRecord | undefined {
    const id = this.addresses.get(address);
    return id === undefined ? undefined : this.accounts.get(id);
  }

  putAccount(record: AccountRecord): void {
    if (!this.rowsOf.has(record.id)) {
      this.account(record.id, true);
      this.undo.add(() => this.rowsOf.delete(record.id));
      this.addresses.set(this.undo, record.address, record.id);
      this.#countUse(record.address, 1);
    }
    this.accounts.set(this.undo, record.id, record);
  }

  removeAccount(id: AccountId): void {
    const address = this.accounts.get(id)?.address;
    assert(address !== undefined, "the account was found before");
    this.#countUse(address, -1);
    this.addresses.set(this.undo, address, undefined);
    this.accounts.set(this.undo, id, undefined);
  }

  findMailbox(account: AccountId, id: MailboxId): MailboxRow | undefined {
    return this.account(account).mailboxes.get(id);
  }

  *mailboxes(account: AccountId): Iterable<MailboxRow> {
    for (const [, row] of this.account(account).mailboxes.entries()) yield row;
  }

  putMailbox(account: AccountId, row: MailboxRow): void {
    this.account(account).mailboxes.set(this.undo, row.id, row);
  }

  removeMailbox(account: AccountId, id: MailboxId): void {
    this.account(account).mailboxes.set(this.undo, id, undefined);
  }

  isSubscribed(account: AccountId, name: string): boolean {
    return this.account(account).subscriptions.get(name) === true;
  }

  setSubscribed(account: AccountId, name: string, isSubscribed: boolean): void {
    this.account(account).subscriptions.set(this.undo, name, isSubscribed || undefined);
  }

  copies(account: AccountId, mailbox: MailboxId, uids: readonly UidRange[]): readonly CopyRecord[] {
    return copiesIn(this.account(account).copiesOf(mailbox), uids);
  }

  addCopies(account: AccountId, mailbox: MailboxId, copies: readonly CopyRecord[]): void {
    const rows = this.account(account).copiesOf(mailbox);
    for (const copy of copies) rows.set(this.undo, copy.uid, copy);
  }

  setFlags(
    account: AccountId,
    mailbox: MailboxId,
    uids: readonly UidRange[],
    flags: Flags,
    modSeq: ModSeq,
  ): void {
    const rows = this.account(account).copiesOf(mailbox);
    for (const copy of copiesIn(rows, uids)) {
      rows.set(this.undo, copy.uid, { ...copy, flags, modSeq });
    }
  }

  removeCopies(account: AccountId, mailbox: MailboxId, uids: readonly UidRange[]): void {
    const rows = this.account(account).copiesOf(mailbox);
    for (const copy of copiesIn(rows, uids)) rows.set(this.undo, copy.uid, undefined);
  }

  countCopies(account: AccountId, message: MessageId, by: number, atMs: number): number {
    const { messages } = this.account(account);
    const state = messages.get(message);
    assert(state !== undefined, "a copy's message is kept");
    const copies = state.copies + by;
    messages.set(this.undo, message, { ...state, copies, goneAtMs: copies === 0 ? atMs : 0 });
    return copies;
  }

  addMessage(record: MessageRecord): void {
    const { blob, prefix } = record.message;
    this.#keepBlob(blob);
    const sizeBytes = prefix.length + blob.sizeBytes;
    const state = { sizeBytes, copies: 1, goneAtMs: 0 };
    this.account(record.account).messages.set(this.undo, record.id, state);
    this.undo.push(this.newMessages, [record]);
  }

  messageSize(account: AccountId, message: MessageId): number | undefined {
    return this.account(account).messages.get(message)?.sizeBytes;
  }

  joinThread(account: AccountId, keys: readonly number[], otherwise: ThreadId): ThreadId {
    const { threads } = this.account(account);
    let thread: ThreadId | undefined;
    for (const key of keys) thread ??= threads.get(key);
    thread ??= otherwise;
    for (const key of keys) {
      if (threads.get(key) === undefined) threads.set(this.undo, key, thread);
    }
    return thread;
  }

  addLog(account: AccountId, entries: readonly LogEntry[]): void {
    // A copy: the caller goes on adding to its own.
    this.undo.push(this.newLog, [{ account, entries: [...entries] }]);
  }

  findQueue(id: QueueId): QueueRecord | undefined {
    return this.queues.get(id);
  }

  addQueue(record: QueueRecord, blob: StagedBlob): void {
    this.#keepBlob(blob);
    this.queues.set(this.undo, record.id, record);
  }

  removeQueue(id: QueueId): void {
    const record = this.queues.get(id);
    if (record !== undefined) this.#releaseBlob(record);
    this.queues.set(this.undo, id, undefined);
    const rows = this.recipientRows(id);
    for (const [recipient] of [...rows.entries()]) rows.set(this.undo, recipient, undefined);
  }

  recipients(id: QueueId): readonly RecipientRecord[] {
    return Array.from(this.recipientRows(id).entries(), ([, record]) => record).sort(
      (a, b) => a.recipient - b.recipient,
    );
  }

  findRecipient(id: QueueId, recipient: number): RecipientRecord | undefined {
    return this.recipientRows(id).get(recipient);
  }

  putRecipient(record: RecipientRecord): void {
    this.recipientRows(record.queue).set(this.undo, record.recipient, record);
  }

  removeRecipient(id: QueueId, recipient: number): void {
    this.recipientRows(id).set(this.undo, recipient, undefined);
  }

  /** Of the messages that are loaded: those that the load found to be due. */
  readyRecipients(nowMs: number, skip: ReadonlySet<string>): Iterable<RecipientRecord> {
    const ready: RecipientRecord[] = [];
    for (const rows of this.recipientsOf.values()) {
      for (const [, one] of rows.entries()) {
        if (!one.isHeld && one.readyAtMs <= nowMs && !skip.has(one.destination)) ready.push(one);
      }
    }
    return ready.sort(
      (a, b) => a.readyAtMs - b.readyAtMs || a.queue - b.queue || a.recipient - b.recipient,
    );
  }

  appendJourney(change: JourneyChange): void {
    this.undo.push(this.journeys, [{ change, atMs: this.journeyAtMs }]);
  }

  #countUse(address: string, by: number): void {
    const domain = domainOf(address);
    const uses = this.domainUses.get(domain);
    if (uses !== undefined) this.undo.set(this.domainUses, domain, uses + by);
  }

  #keepBlob({ hash, sizeBytes, inline }: StagedBlob): void {
    const use = this.blobUses.get(hash) ?? { sizeBytes, keeps: 0, releases: 0, inline: undefined };
    const bytes = use.inline ?? inline;
    if (bytes === undefined && !this.storedBlobs.has(hash)) {
      throw new Refusal("unavailable", "The message took too long; send it again.", hash);
    }
    assert(bytes === undefined || bytes.length === sizeBytes, "a body has the size that it claims");
    this.undo.set(this.blobUses, hash, { ...use, keeps: use.keeps + 1, inline: bytes });
  }

  #releaseBlob({ hash, bodyBytes }: QueueRecord): void {
    const use = this.blobUses.get(hash);
    const rest = use ?? { sizeBytes: bodyBytes, keeps: 0, inline: undefined };
    this.undo.set(this.blobUses, hash, { ...rest, releases: (use?.releases ?? 0) + 1 });
  }
}
