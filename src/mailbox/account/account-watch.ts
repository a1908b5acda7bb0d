import type { AccountId } from "../../base/ids.ts";
import { modSeq as asModSeq } from "../../base/ids.ts";
import type { FeedHint } from "../../store/feed.ts";
import type { LogEntry } from "../../store/mail.ts";
import type { Store } from "../../store/store.ts";
import type { OpenMailboxes } from "../views/open-mailboxes.ts";

/** Numbers of the log that are read at once. */
const pageNumbers = 1000;

export interface WatchOptions {
  readonly store: Store;
  readonly open: OpenMailboxes;
  readonly account: AccountId;
  readonly listener: (entries: readonly LogEntry[]) => void;
  /** Whether the watcher wrote an entry itself; asked when none of its writes is under way. */
  readonly isOwn: (modSeq: number) => boolean;
  /** Resolves when the writes that are under way now are over. */
  readonly settleOwn: () => Promise<void>;
}

/**
 * Hands on what others wrote into the account's log: from the hints while they follow each other,
 * else read. A store that fails now only delays it until the next hint.
 */
export class AccountWatch implements Disposable {
  readonly #options: WatchOptions;
  readonly #watching: Disposable;
  #asOf: number | undefined;
  #wanted = 0;
  /** Entries of hints, each right behind the one before. */
  #hinted: LogEntry[] = [];
  /** Something was not in a hint: the log must be read. */
  #hasGap = false;
  #isReading = false;
  #isOver = false;

  /** Watches from the account's newest entry on. */
  static async start(options: WatchOptions): Promise<AccountWatch> {
    const watch = new AccountWatch(options);
    try {
      const { modSeq } = await options.store.mail.account(options.account);
      watch.#asOf = modSeq;
      watch.#wanted = Math.max(watch.#wanted, modSeq);
      watch.#wake();
      return watch;
    } catch (error) {
      watch[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(options: WatchOptions) {
    this.#options = options;
    this.#watching = options.store.feed.watch(options.account, (hint) => this.#onHint(hint));
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#watching[Symbol.dispose]();
  }

  #onHint({ modSeq, entries }: FeedHint): void {
    const first = entries?.[0];
    const follows = first !== undefined && first.modSeq <= this.#wanted + 1;
    if (entries === undefined || !follows || this.#asOf === undefined) this.#hasGap = true;
    else for (const entry of entries) this.#hinted.push(entry);
    this.#wanted = Math.max(this.#wanted, modSeq);
    this.#wake();
  }

  #wake(): void {
    if (this.#isReading || this.#asOf === undefined || this.#asOf >= this.#wanted) return;
    this.#isReading = true;
    void this.#read(this.#asOf).then(
      () => {
        this.#isReading = false;
        // What came in the last moment.
        this.#wake();
      },
      () => {
        this.#isReading = false;
      },
    );
  }

  async #read(from: number): Promise<void> {
    const { open, account, listener, isOwn, settleOwn } = this.#options;
    for (let asOf = from; !this.#isOver && asOf < this.#wanted;) {
      const { entries, upTo } = await this.#next(asOf);
      await open.reach(account, asModSeq(upTo));
      await settleOwn();
      const since = asOf;
      asOf = this.#asOf = upTo;
      const news = entries.filter(({ modSeq }) => modSeq > since && !isOwn(modSeq));
      if (news.length > 0 && !this.#isOver) listener(news);
    }
  }

  async #next(asOf: number): Promise<{ entries: readonly LogEntry[]; upTo: number }> {
    const goal = this.#wanted;
    const hinted = this.#hinted;
    this.#hinted = [];
    if (!this.#hasGap) return { entries: hinted, upTo: goal };
    const { store, account } = this.#options;
    const entries = await store.mail.changes(account, asModSeq(asOf), { limit: pageNumbers });
    const last = entries.at(-1)?.modSeq ?? goal;
    // Fewer than a page: the log was read to its end, which is at or behind the goal.
    const isEnd = entries.length < pageNumbers;
    if (isEnd) this.#hasGap = false;
    return { entries, upTo: isEnd ? Math.max(goal, last) : last };
  }
}
