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
import type { AccountRow, AliasRow, DomainRow } from "../directory.ts";
import type { JourneyChange } from "../journeys.ts";
import type { Flags, NewMessage, UidRange } from "../mail-changes.ts";
import type { Copy, LogEntry, MailboxRow } from "../mail.ts";
import type { QueueMessage, QueueRecipient } from "../queue.ts";

/** An account with the counters that its changes move. */
export interface AccountRecord extends AccountRow {
  readonly modSeq: ModSeq;
  /** Bytes of messages that some mailbox holds, each counted once. */
  readonly usedBytes: number;
  /** Messages that some mailbox holds, each counted once. */
  readonly messageCount: number;
  readonly nextMailbox: number;
  readonly nextMessage: number;
  readonly lastUidValidity: number;
}

export interface CopyRecord extends Copy {
  /** Of the entry that added it or last changed its flags. */
  readonly modSeq: ModSeq;
}

export interface MessageRecord {
  readonly account: AccountId;
  readonly id: MessageId;
  readonly thread: ThreadId;
  readonly message: NewMessage;
}

export interface QueueRecord {
  readonly id: QueueId;
  readonly message: QueueMessage;
  readonly hash: BlobHash;
  readonly bodyBytes: number;
  readonly queuedAtMs: number;
}

export interface RecipientRecord extends QueueRecipient {
  /** Number of the lease that holds it; 0 when none does. */
  readonly lease: number;
  /** When it can be taken: its due time, or the end of its lease. */
  readonly readyAtMs: number;
}

export type CounterName = "account" | "queue" | "lease" | "directory";

/**
 * Rows that a batch reads and writes while it is applied, all at once and synchronously. What the
 * changes mean is in the other files of this folder, once for every engine that can offer this.
 * Everything read is as the batch's own earlier writes left it. Records are never changed in
 * place.
 */
export interface Tables {
  /** Raises a counter of the whole store by one and returns it. */
  next(counter: CounterName): number;

  isKeyKnown(key: string): boolean;
  addKey(key: string, atMs: number): void;

  findDomain(name: string): DomainRow | undefined;
  addDomain(row: DomainRow): void;
  removeDomain(name: string): void;
  /** Whether any account or alias lies in the domain. */
  isDomainUsed(name: string): boolean;
  findAlias(address: string): AliasRow | undefined;
  putAlias(row: AliasRow): void;
  removeAlias(address: string): void;

  findAccount(id: AccountId): AccountRecord | undefined;
  findAccountByAddress(address: string): AccountRecord | undefined;
  putAccount(record: AccountRecord): void;
  /** With all that it holds. */
  removeAccount(id: AccountId): void;

  findMailbox(account: AccountId, id: MailboxId): MailboxRow | undefined;
  mailboxes(account: AccountId): Iterable<MailboxRow>;
  putMailbox(account: AccountId, row: MailboxRow): void;
  /** With its copies; their counts are the caller's. */
  removeMailbox(account: AccountId, id: MailboxId): void;
  isSubscribed(account: AccountId, name: string): boolean;
  setSubscribed(account: AccountId, name: string, isSubscribed: boolean): void;

  /** Those that exist, by UID. */
  copies(account: AccountId, mailbox: MailboxId, uids: readonly UidRange[]): readonly CopyRecord[];
  addCopies(account: AccountId, mailbox: MailboxId, copies: readonly CopyRecord[]): void;
  /** Every number of the ranges is a copy that exists. */
  setFlags(
    account: AccountId,
    mailbox: MailboxId,
    uids: readonly UidRange[],
    flags: Flags,
    modSeq: ModSeq,
  ): void;
  removeCopies(account: AccountId, mailbox: MailboxId, uids: readonly UidRange[]): void;
  /** Moves the number of a message's copies by `by` and returns it. A new message has one. */
  countCopies(account: AccountId, message: MessageId, by: number, atMs: number): number;

  /**
   * Keeps the body too.
   * @throws Refusal `unavailable` when the body is neither inline nor stored.
   */
  addMessage(record: MessageRecord): void;
  /** Bytes of a message that is kept, whether or not a mailbox holds it. */
  messageSize(account: AccountId, message: MessageId): number | undefined;
  /** The conversation of the first key that has one; keys that have none get `otherwise`'s. */
  joinThread(account: AccountId, keys: readonly number[], otherwise: ThreadId): ThreadId;

  addLog(account: AccountId, entries: readonly LogEntry[]): void;

  findQueue(id: QueueId): QueueRecord | undefined;
  /** Keeps the body too, as `addMessage` does. */
  addQueue(record: QueueRecord, blob: StagedBlob): void;
  /** With its recipients. */
  removeQueue(id: QueueId): void;
  recipients(id: QueueId): readonly RecipientRecord[];
  findRecipient(id: QueueId, recipient: number): RecipientRecord | undefined;
  putRecipient(record: RecipientRecord): void;
  removeRecipient(id: QueueId, recipient: number): void;
  /** Not held, ready by `nowMs`, earliest first, without some destinations. */
  readyRecipients(nowMs: number, skip: ReadonlySet<string>): Iterable<RecipientRecord>;

  appendJourney(change: JourneyChange): void;
}
