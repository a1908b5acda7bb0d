import type { ModSeq, SeqNo, Uid } from "../base/ids.ts";
import type { MailboxRow } from "../store/mail.ts";
import type { Flags, UidRange } from "../store/mail-changes.ts";

/** First and last place, both included; `Infinity` stands for "*" beyond the end. */
export type Range = readonly [first: number, last: number];

/**
 * The shared columns of an open mailbox. Arrays may be longer than what a view shows, and are
 * replaced when they grow: ask for them again after each wait.
 */
export interface ViewColumns {
  readonly uids: Uint32Array;
  readonly messageIds: Uint32Array;
  readonly systemFlags: Uint8Array;
  readonly keywordSet: Uint16Array;
  readonly modSeqs: Float64Array;
  readonly sizes: Float64Array;
  readonly internalDatesMs: Float64Array;
  readonly savedAtMs: Float64Array;
}

/** What a session must tell its client to be up to date. */
export interface ViewChanges {
  /** In the order in which to send EXPUNGE: each number is right after those before it. */
  readonly expungedSeqs: readonly SeqNo[];
  readonly expungedUids: readonly UidRange[];
  /** New number of messages, when some were added (after the expunges). */
  readonly exists: number | undefined;
  /** Rows whose flags changed, in order; new rows are not among them. */
  readonly flaggedRows: readonly number[];
  /** The account's log up to this entry is now shown. */
  readonly asOf: ModSeq;
}

/**
 * One session's sight of a mailbox that all its sessions share. Sequence numbers stay as they are
 * until `sync` takes in what happened; messages that others expunged stay readable until then.
 * A row is an index into the columns, valid until the next `sync` that allows expunges.
 */
export interface View {
  /** The mailbox as it is now: it may be ahead of what the session was told. */
  readonly mailbox: MailboxRow;
  /** The mailbox was deleted: all its messages are expunged, and nothing more will come. */
  readonly isGone: boolean;
  /** Messages that the session sees: sequence numbers 1 to `count`. */
  readonly count: number;
  readonly asOf: ModSeq;
  readonly columns: ViewColumns;
  rowOfSeq(seq: SeqNo): number | undefined;
  rowOfUid(uid: Uid): number | undefined;
  seqOfRow(row: number): SeqNo;
  /** Rows in order, without repetition; "*" is the last message (RFC 9051 §9 seq-number). */
  rowsBySeq(ranges: readonly Range[]): Uint32Array;
  rowsByUid(ranges: readonly Range[]): Uint32Array;
  allRows(): Uint32Array;
  /** The UIDs of rows, as ranges for a batch. */
  uidRanges(rows: ArrayLike<number>): UidRange[];
  flagsOfRow(row: number): Flags;
  /** Keywords in use in the mailbox, for FLAGS and PERMANENTFLAGS; sorted. */
  keywords(): readonly string[];
  /** Takes in what was committed since. Without `expunge`, expunges wait (RFC 9051 §7.5.1). */
  sync(options: { readonly expunge: boolean }): ViewChanges;
  /** UIDs expunged after `since`, for VANISHED (EARLIER) (RFC 7162 §3.2.10). */
  vanishedSince(since: ModSeq): Promise<readonly UidRange[]>;
  /** Calls the listener after each commit that touched the mailbox. */
  watch(listener: () => void): Disposable;
  /** Lets go; the shared columns are freed some time after their last view. */
  close(): void;
}
