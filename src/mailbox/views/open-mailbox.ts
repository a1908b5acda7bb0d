import { asRefusal, Refusal } from "../../base/faults.ts";
import { modSeq as asModSeq, uid as asUid } from "../../base/ids.ts";
import type { AccountId, MailboxId, ModSeq } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import type { FeedHint } from "../../store/feed.ts";
import type { LogAct, LogEntry, MailboxRow } from "../../store/mail.ts";
import type { Store } from "../../store/store.ts";
import { Sheet } from "./sheet.ts";

/** Numbers of the log that are read at once when catching up. */
const pageNumbers = 5000;
/** A sheet is made anew without tombstones when there are this many, and one of 16 rows. */
const tombstonesMin = 32;
const tombstonesPart = 16;

export interface OpenMailboxOptions {
  readonly store: Store;
  readonly log: Log;
  readonly account: AccountId;
  readonly mailbox: MailboxId;
}

/**
 * A mailbox held in memory for all its sessions, and kept up to date from the change feed: from
 * the entries of a hint when they follow on what it has, else from the log.
 */
export class OpenMailbox {
  readonly account: AccountId;
  readonly id: MailboxId;
  readonly #store: Store;
  readonly #log: Log;
  readonly #watching: Disposable;
  readonly #listeners = new Set<() => void>();
  /** The newest sheet, and how many views look at each that is in use. */
  #sheet: Sheet;
  readonly #viewsOf = new Map<Sheet, number>();
  #row: MailboxRow;
  #rowNow: MailboxRow | undefined;
  #uidNext: number;
  #mailboxModSeq: number;
  #asOf: number;
  #wanted: number;
  #reading: Promise<void> | undefined;
  #isGone = false;
  #isDisposed = false;

  /** Loads it. @throws Refusal `noSuchMailbox`, `unavailable`. */
  static async load(options: OpenMailboxOptions): Promise<OpenMailbox> {
    const { store, account, mailbox } = options;
    let heard = 0;
    let open: OpenMailbox | undefined;
    const watching = store.feed.watch(account, (hint) => {
      if (open === undefined) heard = Math.max(heard, hint.modSeq);
      else open.#onHint(hint);
    });
    try {
      const columns = await store.mail.loadMailbox(account, mailbox);
      const { asOf, mailbox: row } = columns;
      open = new OpenMailbox(options, watching, new Sheet(columns), row, asOf);
    } catch (error) {
      watching[Symbol.dispose]();
      throw error;
    }
    open.#wanted = Math.max(open.#asOf, heard);
    await open.reach(asModSeq(open.#wanted));
    return open;
  }

  private constructor(
    options: OpenMailboxOptions,
    watching: Disposable,
    sheet: Sheet,
    row: MailboxRow,
    asOf: ModSeq,
  ) {
    this.account = options.account;
    this.id = options.mailbox;
    this.#store = options.store;
    this.#log = options.log;
    this.#watching = watching;
    this.#sheet = sheet;
    this.#row = row;
    this.#uidNext = row.uidNext;
    this.#mailboxModSeq = row.modSeq;
    this.#asOf = this.#wanted = asOf;
  }

  get sheet(): Sheet {
    return this.#sheet;
  }

  get asOf(): ModSeq {
    return asModSeq(this.#asOf);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get viewCount(): number {
    let count = 0;
    for (const views of this.#viewsOf.values()) count += views;
    return count;
  }

  /** The row as it is now. Counted from the columns, once after each change. */
  mailboxRow(): MailboxRow {
    return (this.#rowNow ??= this.#countedRow());
  }

  watch(listener: () => void): Disposable {
    const own = () => listener(); // so that one function may listen twice
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** A view comes to the newest sheet; it must leave it once. */
  enter(): Sheet {
    this.#viewsOf.set(this.#sheet, (this.#viewsOf.get(this.#sheet) ?? 0) + 1);
    return this.#sheet;
  }

  leave(sheet: Sheet): void {
    const views = (this.#viewsOf.get(sheet) ?? 0) - 1;
    if (views > 0) this.#viewsOf.set(sheet, views);
    else this.#viewsOf.delete(sheet);
  }

  /**
   * Makes the newest sheet one without tombstones when they are many. Views stay on their sheet,
   * whose rows do not move, until each comes over by itself; so at most two sheets are alive.
   */
  compact(): void {
    const { tombstones, length } = this.#sheet;
    if (tombstones.length < tombstonesMin || tombstones.length * tombstonesPart < length) return;
    if (this.#viewsOf.size > (this.#viewsOf.has(this.#sheet) ? 1 : 0)) return;
    this.#sheet = this.#sheet.withoutTombstones({ mailbox: this.#row, asOf: this.asOf });
  }

  /** Resolves when all changes up to the entry can be taken in by `sync`. */
  async reach(modSeq: ModSeq): Promise<void> {
    this.#wanted = Math.max(this.#wanted, modSeq);
    if (this.#asOf >= modSeq || this.#isDisposed) return;
    this.#reading ??= this.#catchUp().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#watching[Symbol.dispose]();
    this.#listeners.clear();
  }

  #onHint(hint: FeedHint): void {
    if (hint.modSeq <= this.#asOf) return;
    const first = hint.entries?.[0];
    const follows = first !== undefined && first.modSeq <= this.#asOf + 1;
    if (hint.entries !== undefined && follows && this.#reading === undefined) {
      this.#take(hint.entries, hint.modSeq);
    } else {
      void this.reach(hint.modSeq);
    }
  }

  /** Reads the log. A store that fails now only delays the views until the next hint. */
  async #catchUp(): Promise<void> {
    try {
      while (this.#asOf < this.#wanted && !this.#isDisposed) {
        const goal = this.#wanted;
        const options = { mailbox: this.id, limit: pageNumbers };
        const entries = await this.#store.mail.changes(this.account, this.asOf, options);
        const last = entries.at(-1)?.modSeq;
        // Fewer than a page: the log was read to its end, which is at or after the goal.
        const isEnd = entries.length < pageNumbers;
        this.#take(entries, isEnd ? Math.max(goal, last ?? 0) : (last ?? goal));
      }
    } catch (error) {
      const { reason, detail } = asRefusal(error);
      if (error instanceof Refusal && reason === "noSuchMailbox") {
        this.#disappear();
        return this.#tell();
      }
      this.#log.write("warn", "mailbox.catchUpFailed", { account: this.account, reason, detail });
    }
  }

  #take(entries: readonly LogEntry[], upTo: number): void {
    let isTouched = false;
    for (const entry of entries) {
      if (entry.modSeq <= this.#asOf || !concerns(entry.act, this.id)) continue;
      isTouched = true;
      for (const sheet of new Set([this.#sheet, ...this.#viewsOf.keys()])) applyTo(sheet, entry);
      this.#note(entry);
    }
    this.#asOf = Math.max(this.#asOf, upTo);
    if (!isTouched) return;
    if (this.#viewsOf.size === 0) this.compact();
    this.#tell();
  }

  /** What an entry says about the mailbox itself. */
  #note({ act, modSeq }: LogEntry): void {
    switch (act.kind) {
      case "added":
        this.#mailboxModSeq = modSeq;
        for (const { uid } of act.copies) this.#uidNext = Math.max(this.#uidNext, uid + 1);
        break;
      case "expunged":
      case "flagged":
        this.#mailboxModSeq = modSeq;
        break;
      case "mailboxRenamed":
        this.#row = { ...this.#row, name: act.after };
        break;
      case "mailboxRoleSet": {
        const { role: _, ...row } = this.#row;
        this.#row = act.after === undefined ? row : { ...row, role: act.after };
        break;
      }
      case "annotated": {
        const { annotations: old = {}, ...row } = this.#row;
        const values = new Map(Object.entries(old));
        for (const name of Object.keys(act.before)) values.delete(name);
        for (const [name, value] of Object.entries(act.after)) values.set(name, value);
        const annotations = Object.fromEntries(values);
        this.#row = values.size === 0 ? row : { ...row, annotations };
        break;
      }
      case "mailboxDeleted":
        this.#disappear();
        break;
      case "mailboxCreated":
      case "subscribed":
        break;
    }
  }

  #countedRow(): MailboxRow {
    const sheet = this.#sheet;
    const counts = { total: 0, unseen: 0, deleted: 0, bytes: 0 };
    let tombstone = 0;
    for (let row = 0; row < sheet.length; row++) {
      if (sheet.tombstones[tombstone] === row) {
        tombstone++;
        continue;
      }
      const flags = sheet.systemFlags[row] ?? 0;
      counts.total++;
      counts.unseen += ~flags & 1;
      counts.deleted += (flags >>> 3) & 1;
      counts.bytes += sheet.sizes[row] ?? 0;
    }
    return {
      ...this.#row,
      uidNext: asUid(this.#uidNext),
      modSeq: asModSeq(this.#mailboxModSeq),
      totalCount: counts.total,
      unseenCount: counts.unseen,
      deletedCount: counts.deleted,
      sizeBytes: counts.bytes,
    };
  }

  #disappear(): void {
    this.#isGone = true;
    for (const sheet of new Set([this.#sheet, ...this.#viewsOf.keys()])) sheet.expungeAll();
  }

  #tell(): void {
    this.#rowNow = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}

function concerns(act: LogAct, mailbox: MailboxId): boolean {
  return act.kind !== "subscribed" && act.mailbox === mailbox;
}

function applyTo(sheet: Sheet, { act, modSeq }: LogEntry): void {
  if (act.kind === "added") for (const copy of act.copies) sheet.add(copy, modSeq);
  else if (act.kind === "expunged") sheet.expunge(act.copies.map((copy) => copy.uid));
  else if (act.kind === "flagged") sheet.flag(act.after, modSeq);
}
