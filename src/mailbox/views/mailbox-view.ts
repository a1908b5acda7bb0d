import { assert } from "../../base/assert.ts";
import { seqNo, uid as asUid } from "../../base/ids.ts";
import type { ModSeq, SeqNo, Uid } from "../../base/ids.ts";
import type { MailboxRow } from "../../store/mail.ts";
import type { Flags, UidRange } from "../../store/mail-changes.ts";
import type { MailReader } from "../../store/mail.ts";
import { hasSorted, lowerBound, rangesOfUids } from "../uid-ranges.ts";
import type { Range, View, ViewChanges, ViewColumns } from "../view.ts";
import type { OpenMailbox } from "./open-mailbox.ts";
import { rowsInRanges } from "./row-ranges.ts";
import type { Sheet } from "./sheet.ts";

/** Numbers of the log that are read at once for `vanishedSince`. */
const pageNumbers = 5000;

/**
 * A session's sight of an OpenMailbox: where in the log it is, how many rows it knows, and which
 * of the tombstones among them it has been told of (an array that views share when they are up to
 * date). Everything else is read from the shared sheet.
 */
export class MailboxView implements View {
  readonly #open: OpenMailbox;
  readonly #mail: MailReader;
  readonly #onClose: () => void;
  readonly #watches = new Set<Disposable>();
  #sheet: Sheet;
  /** Rows at or behind this one have not been shown yet. */
  #length: number;
  /** Tombstones below `#length` that the session does not see (any more), sorted. */
  #hidden: Uint32Array;
  #asOf: ModSeq;
  #isClosed = false;

  constructor(open: OpenMailbox, mail: MailReader, onClose: () => void) {
    this.#open = open;
    this.#mail = mail;
    this.#onClose = onClose;
    this.#sheet = open.enter();
    this.#length = this.#sheet.length;
    this.#hidden = this.#sheet.tombstones;
    this.#asOf = open.asOf;
  }

  get mailbox(): MailboxRow {
    return this.#open.mailboxRow();
  }

  get isGone(): boolean {
    return this.#open.isGone;
  }

  get count(): number {
    return this.#length - this.#hidden.length;
  }

  get asOf(): ModSeq {
    return this.#asOf;
  }

  get columns(): ViewColumns {
    return this.#sheet;
  }

  rowOfSeq(seq: SeqNo): number | undefined {
    if (seq < 1 || seq > this.count) return undefined;
    const hidden = this.#hidden;
    if (hidden.length === 0) return seq - 1;
    // The k-th hidden row has `hidden[k] - k` visible rows before it.
    let low = 0;
    let high = hidden.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((hidden[middle] ?? 0) - middle < seq) low = middle + 1;
      else high = middle;
    }
    return seq - 1 + low;
  }

  rowOfUid(uid: Uid): number | undefined {
    const row = this.#sheet.rowOfUid(uid, this.#length);
    return row === undefined || this.#isHidden(row) ? undefined : row;
  }

  seqOfRow(row: number): SeqNo {
    return seqNo(row + 1 - (this.#hidden.length === 0 ? 0 : lowerBound(this.#hidden, row)));
  }

  rowsBySeq(ranges: readonly Range[]): Uint32Array {
    const { count } = this;
    const spans = ranges.map(([a, b]): Range => {
      const [first, last] = ordered(a, b, count);
      const from = this.rowOfSeq(seqNo(Math.max(first, 1)));
      const to = this.rowOfSeq(seqNo(Math.min(last, count)));
      return from === undefined || to === undefined ? [0, -1] : [from, to];
    });
    return rowsInRanges(spans, this.#hidden);
  }

  rowsByUid(ranges: readonly Range[]): Uint32Array {
    const lastRow = this.rowOfSeq(seqNo(this.count));
    const lastUid = lastRow === undefined ? 0 : (this.#sheet.uids[lastRow] ?? 0);
    const spans = ranges.map(([a, b]): Range => {
      const [first, last] = ordered(a, b, lastUid);
      const from = lowerBound(this.#sheet.uids, first, this.#length);
      return [from, lowerBound(this.#sheet.uids, last + 1, this.#length) - 1];
    });
    return rowsInRanges(spans, this.#hidden);
  }

  allRows(): Uint32Array {
    return rowsInRanges([[0, this.#length - 1]], this.#hidden);
  }

  /** `rows` in order give ranges that also span UIDs which the view has not, so they stay few. */
  uidRanges(rows: ArrayLike<number>): UidRange[] {
    const { uids } = this.#sheet;
    const ranges: UidRange[] = [];
    let first = 0;
    let last = 0;
    let lastRow = -2;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] ?? 0;
      const uid = uids[row] ?? 0;
      if (first !== 0 && row === lastRow + 1) {
        last = uid;
      } else {
        if (first !== 0) ranges.push([asUid(first), asUid(last)]);
        first = last = uid;
      }
      lastRow = row;
    }
    if (first !== 0) ranges.push([asUid(first), asUid(last)]);
    return ranges;
  }

  flagsOfRow(row: number): Flags {
    const { systemFlags, keywordSet, keywords } = this.#sheet;
    return {
      system: systemFlags[row] ?? 0,
      keywords: keywords.sets[keywordSet[row] ?? 0] ?? [],
    };
  }

  keywords(): readonly string[] {
    return this.#sheet.keywords.names;
  }

  sync(options: { readonly expunge: boolean }): ViewChanges {
    assert(!this.#isClosed, "a closed view is not used");
    const flagged = this.#flagged();
    const changes = options.expunge ? this.#takeExpunges(flagged) : this.#keepExpunges(flagged);
    this.#asOf = this.#open.asOf;
    return { ...changes, asOf: this.#asOf };
  }

  async vanishedSince(since: ModSeq): Promise<readonly UidRange[]> {
    const uids: number[] = [];
    for (let from = since; from < this.#asOf;) {
      const options = { mailbox: this.#open.id, limit: pageNumbers };
      const entries = await this.#mail.changes(this.#open.account, from, options);
      for (const { act } of entries) {
        if (act.kind !== "expunged" || act.mailbox !== this.#open.id) continue;
        for (const { uid } of act.copies) if (this.rowOfUid(uid) === undefined) uids.push(uid);
      }
      const last = entries.at(-1);
      if (last === undefined) break;
      from = last.modSeq;
    }
    return rangesOfUids(uids);
  }

  watch(listener: () => void): Disposable {
    const watching = this.#open.watch(listener);
    this.#watches.add(watching);
    return {
      [Symbol.dispose]: () => {
        this.#watches.delete(watching);
        watching[Symbol.dispose]();
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const watching of this.#watches) watching[Symbol.dispose]();
    this.#open.leave(this.#sheet);
    this.#onClose();
  }

  #isHidden(row: number): boolean {
    return this.#hidden.length > 0 && hasSorted(this.#hidden, row);
  }

  #flagged(): number[] {
    if (this.#open.asOf === this.#asOf) return [];
    const rows = this.#sheet.flaggedSince(this.#asOf, this.#length);
    return this.#hidden.length === 0 ? rows : rows.filter((row) => !this.#isHidden(row));
  }

  /** New rows are shown, except those that are tombstones already; the others' expunges wait. */
  #keepExpunges(flaggedRows: number[]): Omit<ViewChanges, "asOf"> {
    const { tombstones, length } = this.#sheet;
    const countBefore = this.count;
    const born = lowerBound(tombstones, this.#length);
    if (born < tombstones.length) {
      const stillborn = tombstones.subarray(born);
      const hidden = new Uint32Array(this.#hidden.length + stillborn.length);
      hidden.set(this.#hidden);
      hidden.set(stillborn, this.#hidden.length);
      this.#hidden = hidden;
    }
    this.#length = length;
    const exists = this.count > countBefore ? this.count : undefined;
    return { expungedSeqs: [], expungedUids: [], exists, flaggedRows };
  }

  #takeExpunges(flagged: number[]): Omit<ViewChanges, "asOf"> {
    const { tombstones, uids } = this.#sheet;
    const expungedSeqs: SeqNo[] = [];
    const expungedUids: number[] = [];
    if (tombstones !== this.#hidden) {
      for (let at = lowerBound(tombstones, this.#length) - 1; at >= 0; at--) {
        const row = tombstones[at] ?? 0;
        if (this.#isHidden(row)) continue;
        expungedSeqs.push(this.seqOfRow(row));
        expungedUids.push(uids[row] ?? 0);
      }
    }
    const countBefore = this.count - expungedSeqs.length;
    const flaggedRows = flagged.filter((row) => !hasSorted(tombstones, row));
    const flaggedUids = flaggedRows.map((row) => uids[row] ?? 0);
    const isMoved = this.#comeToNewest();
    return {
      expungedSeqs,
      expungedUids: rangesOfUids(expungedUids),
      exists: this.count > countBefore ? this.count : undefined,
      flaggedRows: isMoved
        ? flaggedUids.map((uid) => lowerBound(this.#sheet.uids, uid, this.#length))
        : flaggedRows,
    };
  }

  /** Now that it sees exactly what is alive, the view may go to a sheet with other rows. */
  #comeToNewest(): boolean {
    const before = this.#sheet;
    this.#open.leave(before);
    this.#open.compact();
    this.#sheet = this.#open.enter();
    this.#length = this.#sheet.length;
    this.#hidden = this.#sheet.tombstones;
    return this.#sheet !== before;
  }
}

/** A range with its ends in order; `Infinity` is the last one there is (RFC 9051 §9). */
function ordered(a: number, b: number, last: number): Range {
  const from = a === Infinity ? last : a;
  const to = b === Infinity ? last : b;
  return from <= to ? [from, to] : [to, from];
}
