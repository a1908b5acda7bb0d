import type { AccountId } from "../../base/ids.ts";
import { modSeq as asModSeq } from "../../base/ids.ts";
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
 * Reads the account's log behind its hints and hands on what others wrote. A store that fails now
 * only delays it until the next hint.
 */
export class AccountWatch implements Disposable {
  readonly #options: WatchOptions;
  readonly #watching: Disposable;
  #asOf: number | undefined;
  #wanted = 0;
  #isReading = false;
  #isOver = false;

  /** Watches from the account's newest entry on. */
  static async start(options: WatchOptions): Promise<AccountWatch> {
    const watch = new AccountWatch(options);
    try {
      const { modSeq } = await options.store.mail.account(options.account);
      watch.#asOf = modSeq;
      watch.#wake();
      return watch;
    } catch (error) {
      watch[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(options: WatchOptions) {
    this.#options = options;
    this.#watching = options.store.feed.watch(options.account, ({ modSeq }) => {
      this.#wanted = Math.max(this.#wanted, modSeq);
      this.#wake();
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#watching[Symbol.dispose]();
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
    const { store, open, account, listener, isOwn, settleOwn } = this.#options;
    for (let asOf = from; !this.#isOver && asOf < this.#wanted;) {
      const goal = this.#wanted;
      const options = { limit: pageNumbers };
      const entries = await store.mail.changes(account, asModSeq(asOf), options);
      await open.reach(account, asModSeq(goal));
      await settleOwn();
      const last = entries.at(-1)?.modSeq ?? goal;
      asOf = this.#asOf = Math.max(last, entries.length < pageNumbers ? goal : asOf);
      const news = entries.filter(({ modSeq }) => !isOwn(modSeq));
      if (news.length > 0 && !this.#isOver) listener(news);
    }
  }
}
