import type { AccountId, ModSeq } from "../base/ids.ts";
import type { DirectoryChange, DirectoryResult } from "./directory.ts";
import type { JourneyChange } from "./journeys.ts";
import type { MailChange, MailResult } from "./mail-changes.ts";
import type { QueueChange, QueueResult } from "./queue.ts";

/** One change of state as plain data; the `kind` names the room whose state it is, then the act. */
export type Change = MailChange | DirectoryChange | QueueChange | JourneyChange;

/** What a change brought about, in the order of the batch's changes. */
export type ChangeResult =
  | MailResult
  | DirectoryResult
  | QueueResult
  | { readonly kind: "journey" };

/**
 * A unit of writing: all of it happens, or none of it. A batch may touch several accounts, because
 * one SMTP transaction answers once for all its recipients (decision 0002). It is plain data: it
 * can be queued, grouped with others in one commit, sent to another machine, and replayed.
 */
export interface Batch {
  /**
   * Names the batch for good: a batch with a key that was applied before changes nothing and
   * returns `isRepeated`. For retries whose first answer was lost. Kept for at least seven days.
   */
  readonly key?: string;
  /** Who causes it, for the change log: "imap:ana@example.org", "smtp", "pop3:…", "cli". */
  readonly actor: string;
  /** When, by the caller's clock: milliseconds since 1970. */
  readonly atMs: number;
  readonly changes: readonly Change[];
}

export interface Applied {
  readonly isRepeated: boolean;
  /** One per change; empty when the batch was a repetition. */
  readonly results: readonly ChangeResult[];
  /** The newest entry of each account's log that this batch wrote. */
  readonly modSeqs: ReadonlyMap<AccountId, ModSeq>;
}
