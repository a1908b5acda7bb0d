import type {
  AccountId,
  BlobHash,
  JourneyId,
  MailboxId,
  MessageId,
  ModSeq,
  QueueId,
  ThreadId,
  Uid,
} from "../../base/ids.ts";
import type { AliasRow, DomainRow } from "../directory.ts";
import type { JourneyStep } from "../journeys.ts";
import type { Flags, MessageFacts } from "../mail-changes.ts";
import type { LogEntry, MailboxRow } from "../mail.ts";
import type { QueueMessage, QueueRecipient } from "../queue.ts";
import type { AccountRecord, CounterName } from "../rules/tables.ts";

/**
 * The logical content of a store as plain data, the same for every engine. It has everything that
 * a read of the store can answer and every number that later batches build on. It has no leases
 * (whoever held one is gone with the stopped store), no bodies that nothing uses, nothing of
 * accounts that were removed, and nothing of how an engine keeps things (segments, numbers of
 * keyword sets, use counts of bodies).
 *
 * An export gives records in this order; each kind in the order said beside it.
 */
export type DumpRecord =
  /** Each counter of the whole store, at the number it gave last. By name. */
  | { readonly kind: "counter"; readonly name: CounterName; readonly value: number }
  /** By name. */
  | { readonly kind: "domain"; readonly row: DomainRow }
  /** By address. */
  | { readonly kind: "alias"; readonly row: AliasRow }
  /** Every body that a message or a queue entry uses. In any order, as is quick to read. */
  | DumpBody
  /** By id; all that an account holds follows it before the next account. */
  | { readonly kind: "account"; readonly record: AccountRecord }
  /** By id. */
  | { readonly kind: "mailbox"; readonly account: AccountId; readonly row: MailboxRow }
  /** By name, in the order of code points. */
  | { readonly kind: "subscription"; readonly account: AccountId; readonly name: string }
  /** By id; those that no mailbox holds any more but that are still retained too. */
  | DumpMessage
  /** By mailbox, then UID. */
  | DumpCopy
  /** By key (see `threadKeys`). */
  | {
      readonly kind: "thread";
      readonly account: AccountId;
      readonly key: number;
      readonly thread: ThreadId;
    }
  /** In the order of the log. Entries with one number are never divided over two chunks. */
  | { readonly kind: "log"; readonly account: AccountId; readonly entry: LogEntry }
  /** By id. */
  | DumpQueueEntry
  /** What each `journey.append` left, in the order in which they were applied. */
  | DumpJourneyPart
  /** In any order. */
  | { readonly kind: "batchKey"; readonly key: string; readonly atMs: number }
  /** By key, in the order of code points. */
  | {
      readonly kind: "keyed";
      readonly key: string;
      readonly value: string;
      readonly expiresAtMs: number;
    };

export type DumpKind = DumpRecord["kind"];

export interface DumpBody {
  readonly kind: "body";
  readonly hash: BlobHash;
  readonly sizeBytes: number;
  /** The bytes in order, in pieces of at most 256 KiB; none when only names were asked for. */
  readonly parts: readonly Uint8Array[];
}

export interface DumpMessage {
  readonly kind: "message";
  readonly account: AccountId;
  readonly id: MessageId;
  readonly thread: ThreadId;
  readonly hash: BlobHash;
  readonly bodyBytes: number;
  readonly prefix: Uint8Array;
  readonly facts: MessageFacts;
  readonly journey?: JourneyId;
  /** Copies in mailboxes of the account. */
  readonly copyCount: number;
  /** When its last copy went; 0 while there are copies. */
  readonly goneAtMs: number;
}

export interface DumpCopy {
  readonly kind: "copy";
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly uid: Uid;
  readonly message: MessageId;
  readonly flags: Flags;
  readonly modSeq: ModSeq;
  readonly sizeBytes: number;
  readonly internalDateMs: number;
  readonly savedAtMs: number;
}

export interface DumpQueueEntry {
  readonly kind: "queue";
  readonly id: QueueId;
  readonly message: QueueMessage;
  readonly hash: BlobHash;
  readonly bodyBytes: number;
  readonly queuedAtMs: number;
  /** By place, with the attempts made so far. Those under a lease are due as they were before. */
  readonly recipients: readonly QueueRecipient[];
}

export interface DumpJourneyPart {
  readonly kind: "journey";
  readonly journey: JourneyId;
  /** From when its age counts. */
  readonly atMs: number;
  readonly steps: readonly JourneyStep[];
  readonly messageIdHeader?: string;
  readonly addresses?: readonly string[];
}

/** A place in an export. Only the engine that made it reads it. */
export type DumpCursor = string;

/** A bounded part of an export: about 8 MiB, or one larger body alone. */
export interface DumpChunk {
  readonly records: readonly DumpRecord[];
  /** Where the export goes on after this chunk. */
  readonly cursor: DumpCursor;
}

export interface ExportOptions {
  /** Goes on after this chunk of an earlier export of the same content. */
  readonly after?: DumpCursor;
  /** Whether bodies carry their bytes. */
  readonly withBodies: boolean;
  /** About how many records a chunk has at most; 2,000 by default. */
  readonly chunkRecords?: number;
}

/** What there is to do, for the progress shown. Cheap; need not be exact. */
export interface DumpTotals {
  readonly accounts: number;
  /** Those that no mailbox holds any more but that are still retained counted too. */
  readonly messages: number;
  readonly bodies: number;
  readonly bodyBytes: number;
}

/** A store that can be told whole. Nothing else changes it while this is open. */
export interface DumpReader {
  totals(): Promise<DumpTotals>;
  export(options: ExportOptions): AsyncIterable<DumpChunk>;
  close(): Promise<void>;
}

/**
 * A store to copy from, opened so that it is not changed: read-only where the engine can, and
 * held against servers. Opening is refused with one sentence when a server runs on it, when there
 * is no store, or when its schema is not this program's.
 */
export interface DumpSource extends DumpReader {
  /**
   * A text that is different after any batch, lease or keyed change that the store has taken. It
   * tells whether an unfinished move can go on. Cheap.
   */
  fingerprint(): Promise<string>;
}

/**
 * A store to copy into, held against servers. Opening is refused with one sentence when a server
 * runs on it. While it has a marker, the engine refuses to open it as a server's store.
 */
export interface DumpTarget extends DumpReader {
  /**
   * The marker that an unfinished move left; undefined when the store is missing or empty.
   * @throws Refusal `conflict` with one sentence when it holds anything that no move has left.
   */
  findMarker(): Promise<string | undefined>;
  /**
   * Adds records, and sets the marker in the same commit. Called in the order of an export. What
   * a killed process had imported is kept up to some call's end. Need not be durable against a
   * power cut before `finish`, but then never has a marker without its records.
   * @throws Refusal `diskFull`, `unavailable`: nothing of this call was kept.
   */
  import(records: readonly DumpRecord[], marker: string): Promise<void>;
  /** Removes the marker and makes everything durable: now servers may open the store. */
  finish(): Promise<void>;
}
