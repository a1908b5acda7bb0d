import type {
  AccountId,
  BlobHash,
  JourneyId,
  MailboxId,
  MessageId,
  ModSeq,
  ThreadId,
  Uid,
} from "../base/ids.ts";
import type { MailboxRole } from "./directory.ts";
import type { Flags, UidRange } from "./mail-changes.ts";

export interface AccountState {
  readonly modSeq: ModSeq;
  readonly usedBytes: number;
  readonly messageCount: number;
  readonly quotaBytes: number;
}

export interface MailboxRow {
  readonly id: MailboxId;
  readonly name: string;
  readonly role?: MailboxRole;
  /** Never changes for a mailbox; differs from that of any earlier one with the same name. */
  readonly uidValidity: number;
  readonly uidNext: Uid;
  /** Newest entry of the log that touched its messages; 0 before the first. */
  readonly modSeq: ModSeq;
  readonly totalCount: number;
  readonly unseenCount: number;
  readonly deletedCount: number;
  readonly sizeBytes: number;
  /** RFC 5464 §3: notes of clients about it; absent when there are none. */
  readonly annotations?: Annotations;
}

/** Values by name, one character per byte. Names are the caller's. */
export type Annotations = Readonly<Record<string, string>>;

/** A mailbox's messages in UID order, one typed array per column, all of length `count`. */
export interface MailboxColumns {
  readonly mailbox: MailboxRow;
  /** The account's log up to and including this entry is in here. */
  readonly asOf: ModSeq;
  readonly count: number;
  readonly uids: Uint32Array;
  readonly messageIds: Uint32Array;
  readonly systemFlags: Uint8Array;
  /** Index into `keywordSets`; 0 is the empty set. */
  readonly keywordSet: Uint16Array;
  readonly keywordSets: readonly (readonly string[])[];
  readonly modSeqs: Float64Array;
  /** Of the whole message (prefix and body), bytes. */
  readonly sizes: Float64Array;
  readonly internalDatesMs: Float64Array;
  readonly savedAtMs: Float64Array;
}

/** Message columns that can be asked for; each costs only its own reading. */
export interface MessageFields {
  readonly envelope: string;
  readonly bodyStructure: string;
  readonly structure: string;
  readonly preview: string;
  readonly body: MessageBody;
  readonly thread: ThreadId;
  readonly messageIdHeader: string;
  readonly references: readonly string[];
  readonly sentAtMs: number;
  readonly baseSubject: string;
  readonly hasAttachment: boolean;
  readonly journey: JourneyId | undefined;
  readonly search: { readonly headers: string; readonly body: string };
  /** The first half of `search`, for searches that need no body text. */
  readonly searchHeaders: string;
}

export interface MessageBody {
  readonly hash: BlobHash;
  readonly prefix: Uint8Array;
  readonly bodyBytes: number;
}

/** Flags that a set of messages had or has. */
export interface FlagsOf {
  readonly uids: readonly UidRange[];
  readonly flags: Flags;
}

/** A message in a mailbox, with all that its columns hold. */
export interface Copy {
  readonly uid: Uid;
  readonly message: MessageId;
  readonly flags: Flags;
  readonly sizeBytes: number;
  readonly internalDateMs: number;
  readonly savedAtMs: number;
}

/** One act, with what is needed to show it, to repeat it on a view, and to undo it. */
export type LogAct =
  | {
      readonly kind: "added";
      readonly mailbox: MailboxId;
      readonly copies: readonly Copy[];
      readonly from?: MailboxId;
    }
  | {
      readonly kind: "expunged";
      readonly mailbox: MailboxId;
      readonly copies: readonly Copy[];
      readonly to?: MailboxId;
    }
  | {
      readonly kind: "flagged";
      readonly mailbox: MailboxId;
      readonly before: readonly FlagsOf[];
      readonly after: readonly FlagsOf[];
    }
  | {
      readonly kind: "mailboxCreated";
      readonly mailbox: MailboxId;
      readonly name: string;
      readonly role?: MailboxRole;
    }
  | {
      readonly kind: "mailboxRenamed";
      readonly mailbox: MailboxId;
      readonly before: string;
      readonly after: string;
    }
  | {
      readonly kind: "mailboxDeleted";
      readonly mailbox: MailboxId;
      readonly row: MailboxRow;
      readonly copies: readonly Copy[];
    }
  | {
      readonly kind: "mailboxRoleSet";
      readonly mailbox: MailboxId;
      readonly before?: MailboxRole;
      readonly after?: MailboxRole;
    }
  /** Only what has changed: a name that is missing on one side was not there then. */
  | {
      readonly kind: "annotated";
      readonly mailbox: MailboxId;
      readonly before: Annotations;
      readonly after: Annotations;
    }
  | {
      readonly kind: "subscribed";
      readonly name: string;
      readonly before: boolean;
      readonly after: boolean;
    };

/** An entry of an account's change log. A move is two entries with one number. */
export interface LogEntry {
  readonly modSeq: ModSeq;
  readonly atMs: number;
  readonly actor: string;
  readonly act: LogAct;
}

/**
 * Reads of mail. Every answer is a committed state; two calls may see different ones. Unknown
 * accounts and mailboxes are refused with `noSuchUser` and `noSuchMailbox`.
 */
export interface MailReader {
  account(account: AccountId): Promise<AccountState>;
  /** Sorted by name. */
  mailboxes(account: AccountId): Promise<readonly MailboxRow[]>;
  subscriptions(account: AccountId): Promise<readonly string[]>;
  loadMailbox(account: AccountId, mailbox: MailboxId): Promise<MailboxColumns>;
  /** Entries after `since` in order, at most `limit` numbers' worth; all mailboxes or one. */
  changes(
    account: AccountId,
    since: ModSeq,
    options?: { readonly mailbox?: MailboxId; readonly limit?: number },
  ): Promise<readonly LogEntry[]>;
  /**
   * The asked fields of each message, in the order of `ids`; `undefined` for one that is gone.
   * A message stays readable for the retention time after its last copy was expunged.
   */
  messages<Field extends keyof MessageFields>(
    account: AccountId,
    ids: readonly MessageId[],
    fields: readonly Field[],
  ): Promise<readonly (Pick<MessageFields, Field> | undefined)[]>;
}
