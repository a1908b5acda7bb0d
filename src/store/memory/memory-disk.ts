import type {
  AccountId,
  BlobHash,
  JourneyId,
  MailboxId,
  MessageId,
  QueueId,
  ThreadId,
} from "../../base/ids.ts";
import type { AliasRow, DomainRow } from "../directory.ts";
import type { JourneyRow } from "../journeys.ts";
import type { LogEntry, MailboxRow } from "../mail.ts";
import type { DumpJourneyPart } from "../move/dump.ts";
import type { KeptMessage } from "../rules/message-fields.ts";
import type {
  AccountRecord,
  CopyRecord,
  CounterName,
  QueueRecord,
  RecipientRecord,
} from "../rules/tables.ts";

export interface MemoryMailbox {
  row: MailboxRow;
  /** By UID. */
  copies: CopyRecord[];
}

export interface MemoryMessage {
  readonly kept: KeptMessage;
  copyCount: number;
  /** When its last copy went; counts only while there is none. */
  goneAtMs: number;
}

export interface MemoryAccount {
  record: AccountRecord;
  readonly mailboxes: Map<MailboxId, MemoryMailbox>;
  readonly subscriptions: Set<string>;
  readonly messages: Map<MessageId, MemoryMessage>;
  readonly threads: Map<number, ThreadId>;
  readonly log: LogEntry[];
}

export interface MemoryBlob {
  readonly bytes: Uint8Array;
  /** Messages and queue entries that use it. */
  refCount: number;
  /** Since when none does. */
  freeSinceMs: number;
}

/**
 * What a memory store has committed. It outlives the store: after a crash a new store opens on
 * the same disk and finds everything that was acknowledged. One store at a time may use it.
 */
export class MemoryDisk {
  readonly counters: Record<CounterName, number> = { account: 0, queue: 0, lease: 0, directory: 0 };
  readonly batchKeys = new Map<string, number>();
  readonly domains = new Map<string, DomainRow>();
  readonly aliases = new Map<string, AliasRow>();
  readonly accounts = new Map<AccountId, MemoryAccount>();
  readonly addresses = new Map<string, AccountId>();
  readonly blobs = new Map<BlobHash, MemoryBlob>();
  readonly queue = new Map<QueueId, QueueRecord>();
  readonly recipients = new Map<QueueId, Map<number, RecipientRecord>>();
  readonly journeys = new Map<JourneyId, JourneyRow>();
  readonly journeyHandles = new Map<string, JourneyId[]>();
  /** What each append to a journey left, in order: a copy made of them finds as this one does. */
  journeyParts: DumpJourneyPart[] = [];
  readonly keyed = new Map<string, { readonly value: string; readonly expiresAtMs: number }>();
  /** Left by a move into this disk that is not finished: no store opens on it (see `DumpTarget`). */
  moveMarker: string | undefined = undefined;
}
