import type { AccountId, ModSeq } from "../base/ids.ts";
import type { LogEntry } from "./mail.ts";

/** That an account changed. Only a hint: whoever gets it reads the log from where they are. */
export interface FeedHint {
  readonly account: AccountId;
  readonly modSeq: ModSeq;
  /** The entries themselves when they were at hand; without them, read the log. */
  readonly entries?: readonly LogEntry[];
}

/** Hints after commit. Losing one is always harmless, since the log has everything. */
export interface ChangeFeed {
  /** Calls `listener` after each commit that changed the account. Dispose to stop. */
  watch(account: AccountId, listener: (hint: FeedHint) => void): Disposable;
  /** Calls `listener` when the queue may have something due. */
  watchQueue(listener: () => void): Disposable;
  /** Calls `listener` when the directory changed. */
  watchDirectory(listener: () => void): Disposable;
}
