import type { ModSeq } from "../../base/ids.ts";
import type { FlagsOf, Copy, MailboxColumns } from "../../store/mail.ts";
import { hasSorted, lowerBound } from "../uid-ranges.ts";
import type { ViewColumns } from "../view.ts";
import { KeywordSets } from "./keyword-sets.ts";

const noRows = new Uint32Array(0);
/** Rows in the memory of flag changes; whoever is further behind looks at all rows instead. */
const recentRowsMax = 50_000;

/**
 * The rows of an open mailbox: one growing typed array for each column, in UID order. A message
 * that is expunged keeps its row as a tombstone, so that sessions that have not been told yet can
 * still read it; a sheet without them is made when they have become many.
 */
export class Sheet implements ViewColumns {
  uids: Uint32Array;
  messageIds: Uint32Array;
  systemFlags: Uint8Array;
  keywordSet: Uint16Array;
  modSeqs: Float64Array;
  sizes: Float64Array;
  internalDatesMs: Float64Array;
  savedAtMs: Float64Array;
  /** Rows in use, tombstones included. */
  length: number;
  /** Rows of expunged messages, sorted. A new array whenever it changes: views keep the old. */
  tombstones: Uint32Array = noRows;
  readonly keywords: KeywordSets;
  /** Flag changes in order, newest last. */
  #recent: { readonly modSeq: number; readonly rows: readonly number[] }[] = [];
  #recentRows = 0;
  /** Changes up to this entry are not in `#recent`. */
  #recentFrom: number;

  constructor(columns: MailboxColumns) {
    const capacity = columns.count + (columns.count >>> 3) + 16;
    this.uids = grown(columns.uids, Uint32Array, columns.count, capacity);
    this.messageIds = grown(columns.messageIds, Uint32Array, columns.count, capacity);
    this.systemFlags = grown(columns.systemFlags, Uint8Array, columns.count, capacity);
    this.keywordSet = grown(columns.keywordSet, Uint16Array, columns.count, capacity);
    this.modSeqs = grown(columns.modSeqs, Float64Array, columns.count, capacity);
    this.sizes = grown(columns.sizes, Float64Array, columns.count, capacity);
    this.internalDatesMs = grown(columns.internalDatesMs, Float64Array, columns.count, capacity);
    this.savedAtMs = grown(columns.savedAtMs, Float64Array, columns.count, capacity);
    this.length = columns.count;
    this.keywords = new KeywordSets(columns.keywordSets);
    this.#recentFrom = columns.asOf;
  }

  /** Row of a UID among the first `length` rows, tombstones included. */
  rowOfUid(uid: number, length = this.length): number | undefined {
    const row = lowerBound(this.uids, uid, length);
    return row < length && this.uids[row] === uid ? row : undefined;
  }

  add(copy: Copy, modSeq: ModSeq): void {
    if (this.length > 0 && copy.uid <= (this.uids[this.length - 1] ?? 0)) return;
    if (this.length === this.uids.length) this.#grow(this.length + (this.length >>> 1) + 16);
    const row = this.length++;
    this.uids[row] = copy.uid;
    this.messageIds[row] = copy.message;
    this.systemFlags[row] = copy.flags.system;
    this.keywordSet[row] = this.keywords.indexOf(copy.flags.keywords);
    this.modSeqs[row] = modSeq;
    this.sizes[row] = copy.sizeBytes;
    this.internalDatesMs[row] = copy.internalDateMs;
    this.savedAtMs[row] = copy.savedAtMs;
  }

  /** Makes tombstones of the rows with these UIDs. */
  expunge(uids: Iterable<number>): void {
    const dead: number[] = [];
    for (const uid of uids) {
      const row = this.rowOfUid(uid);
      if (row !== undefined && !hasSorted(this.tombstones, row)) dead.push(row);
    }
    if (dead.length === 0) return;
    const all = new Uint32Array(this.tombstones.length + dead.length);
    all.set(this.tombstones);
    all.set(dead, this.tombstones.length);
    this.tombstones = all.sort();
  }

  expungeAll(): void {
    this.tombstones = Uint32Array.from({ length: this.length }, (_, row) => row);
  }

  flag(after: readonly FlagsOf[], modSeq: ModSeq): void {
    const rows: number[] = [];
    for (const { uids, flags } of after) {
      const keywordSet = this.keywords.indexOf(flags.keywords);
      for (const [first, last] of uids) {
        for (let row = lowerBound(this.uids, first, this.length); row < this.length; row++) {
          if ((this.uids[row] ?? 0) > last) break;
          this.systemFlags[row] = flags.system;
          this.keywordSet[row] = keywordSet;
          this.modSeqs[row] = modSeq;
          rows.push(row);
        }
      }
    }
    this.#remember(modSeq, rows);
  }

  /** Rows below `length` whose flags were changed after `since`, sorted, without repetition. */
  flaggedSince(since: number, length: number): number[] {
    if (since < this.#recentFrom) {
      const rows: number[] = [];
      for (let row = 0; row < length; row++) if ((this.modSeqs[row] ?? 0) > since) rows.push(row);
      return rows;
    }
    const rows = new Set<number>();
    for (let at = this.#recent.length - 1; at >= 0; at--) {
      const change = this.#recent[at];
      if (change === undefined || change.modSeq <= since) break;
      for (const row of change.rows) if (row < length) rows.add(row);
    }
    return [...rows].sort((a, b) => a - b);
  }

  /** The same without tombstones, for the views that come to it from now on. */
  withoutTombstones(columns: Omit<MailboxColumns, keyof ViewColumns | "count" | "keywordSets">) {
    const keep = new Uint32Array(this.length - this.tombstones.length);
    let kept = 0;
    let tombstone = 0;
    for (let row = 0; row < this.length; row++) {
      if (this.tombstones[tombstone] === row) tombstone++;
      else keep[kept++] = row;
    }
    return new Sheet({
      ...columns,
      count: kept,
      uids: picked(this.uids, Uint32Array, keep),
      messageIds: picked(this.messageIds, Uint32Array, keep),
      systemFlags: picked(this.systemFlags, Uint8Array, keep),
      keywordSet: picked(this.keywordSet, Uint16Array, keep),
      keywordSets: this.keywords.sets,
      modSeqs: picked(this.modSeqs, Float64Array, keep),
      sizes: picked(this.sizes, Float64Array, keep),
      internalDatesMs: picked(this.internalDatesMs, Float64Array, keep),
      savedAtMs: picked(this.savedAtMs, Float64Array, keep),
    });
  }

  #remember(modSeq: number, rows: readonly number[]): void {
    if (rows.length === 0) return;
    this.#recent.push({ modSeq, rows });
    this.#recentRows += rows.length;
    let drop = 0;
    while (this.#recentRows > recentRowsMax) {
      const oldest = this.#recent[drop++];
      if (oldest === undefined) break;
      this.#recentRows -= oldest.rows.length;
      this.#recentFrom = oldest.modSeq;
    }
    if (drop > 0) this.#recent.splice(0, drop);
  }

  #grow(capacity: number): void {
    this.uids = grown(this.uids, Uint32Array, this.length, capacity);
    this.messageIds = grown(this.messageIds, Uint32Array, this.length, capacity);
    this.systemFlags = grown(this.systemFlags, Uint8Array, this.length, capacity);
    this.keywordSet = grown(this.keywordSet, Uint16Array, this.length, capacity);
    this.modSeqs = grown(this.modSeqs, Float64Array, this.length, capacity);
    this.sizes = grown(this.sizes, Float64Array, this.length, capacity);
    this.internalDatesMs = grown(this.internalDatesMs, Float64Array, this.length, capacity);
    this.savedAtMs = grown(this.savedAtMs, Float64Array, this.length, capacity);
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

function grown<A extends Column>(
  from: A,
  Kind: new (length: number) => A,
  length: number,
  capacity: number,
): A {
  const to = new Kind(capacity);
  to.set(from.length > length ? from.subarray(0, length) : from);
  return to;
}

function picked<A extends Column>(from: A, Kind: new (length: number) => A, rows: Uint32Array): A {
  const to = new Kind(rows.length);
  for (let at = 0; at < rows.length; at++) to[at] = from[rows[at] ?? 0] ?? 0;
  return to;
}
