import type { AccountId, MailboxId, MessageId, Uid } from "../base/ids.ts";
import type { MailboxRole } from "../store/directory.ts";
import type {
  AccountState,
  LogEntry,
  MailboxRow,
  MessageBody,
  MessageFields,
} from "../store/mail.ts";
import type { Flags, FlagsMode, MailResult, UidRange } from "../store/mail-changes.ts";
import type { ModSeq } from "../base/ids.ts";
import type { View } from "./view.ts";

export type ResultOf<Kind extends MailResult["kind"]> = Extract<
  MailResult,
  { readonly kind: Kind }
>;

export interface AppendItem {
  /** The whole message, in pieces. */
  readonly parts: readonly Uint8Array[];
  readonly flags: Flags;
  /** Now when absent. */
  readonly internalDateMs?: number;
}

export interface AnnotationChange {
  readonly name: string;
  /** Undefined takes the annotation away. */
  readonly value: string | undefined;
}

/**
 * An account's mail as every door sees it. Names are in the form of the store (NFC, "/" between
 * levels); INBOX in any letter case is the inbox.
 */
export interface AccountMail {
  readonly account: AccountId;
  /** Mailboxes that the account may have. */
  readonly mailboxesMax: number;
  state(): Promise<AccountState>;
  mailboxes(): Promise<readonly MailboxRow[]>;
  subscriptions(): Promise<readonly string[]>;
  /** @throws Refusal `noSuchMailbox`. */
  getMailbox(name: string): Promise<MailboxRow>;
  findRole(role: MailboxRole): Promise<MailboxRow | undefined>;
  /** Makes the levels above too. @throws Refusal `mailboxExists`, `mailboxNameInvalid`, `limit`. */
  createMailbox(name: string, role?: MailboxRole): Promise<MailboxRow>;
  /** With all levels below. INBOX: its messages move and it stays (RFC 9051 §6.3.6). */
  renameMailbox(from: string, to: string): Promise<void>;
  /**
   * Levels below stay; the name is then one that cannot be selected.
   * @throws Refusal `noSuchMailbox`, `notPermitted` (INBOX), `mailboxHasChildren` for a name that
   *   is no mailbox itself but has some below it (RFC 9051 §6.3.5).
   */
  deleteMailbox(name: string): Promise<void>;
  subscribe(name: string, isSubscribed: boolean): Promise<void>;
  /**
   * Notes of clients about a mailbox, or about the account when the name is "" (RFC 5464 §3), by
   * name, one character per byte.
   */
  annotations(mailbox: string): Promise<ReadonlyMap<string, string>>;
  /** All or none. @throws Refusal `limit`: too many, or too much of them. */
  annotate(mailbox: string, entries: readonly AnnotationChange[]): Promise<void>;
  /**
   * Calls the listener with what others than this object changed in the account, in order, once
   * the account's open views can show it.
   */
  watch(listener: (entries: readonly LogEntry[]) => void): Promise<Disposable>;
  openView(mailbox: MailboxId): Promise<View>;
  /** All or none (RFC 3502 §3). @throws Refusal `overQuota`, `messageTooLarge`, … */
  append(
    mailbox: MailboxId,
    items: readonly AppendItem[],
  ): Promise<readonly ResultOf<"mail.messageAdd">[]>;
  /**
   * Keeps a message in one mailbox and expunges another from its own, in one act (RFC 8508 §3.4):
   * the quota counts the difference. One that is gone already keeps nobody from keeping the new.
   * @throws Refusal as `append`.
   */
  replace(
    from: MailboxId,
    uid: Uid,
    to: MailboxId,
    item: AppendItem,
  ): Promise<ResultOf<"mail.messageAdd">>;
  setFlags(
    mailbox: MailboxId,
    uids: readonly UidRange[],
    mode: FlagsMode,
    flags: Flags,
    unchangedSince?: ModSeq,
  ): Promise<ResultOf<"mail.flagsSet">>;
  copy(
    from: MailboxId,
    uids: readonly UidRange[],
    to: MailboxId,
  ): Promise<ResultOf<"mail.messageCopy" | "mail.messageMove">>;
  move(
    from: MailboxId,
    uids: readonly UidRange[],
    to: MailboxId,
  ): Promise<ResultOf<"mail.messageCopy" | "mail.messageMove">>;
  expunge(
    mailbox: MailboxId,
    uids: readonly UidRange[],
    onlyDeleted: boolean,
  ): Promise<readonly UidRange[]>;
  messages<Field extends keyof MessageFields>(
    ids: readonly MessageId[],
    fields: readonly Field[],
  ): Promise<readonly (Pick<MessageFields, Field> | undefined)[]>;
  /** Bytes `start` to `end` (exclusive) of the whole message: prefix, then body. */
  readBody(body: MessageBody, start?: number, end?: number): Promise<Uint8Array>;
  /** The same in pieces, so that a large message is never held whole. */
  streamBody(body: MessageBody, start?: number, end?: number): AsyncIterable<Uint8Array>;
}

/** The mailbox service: one per server, shared by all doors. */
export interface MailService {
  /** `actor` goes into the change log: who did what ("imap:ana@example.org"). */
  open(account: AccountId, actor: string): AccountMail;
  /**
   * Exclusive access for POP3 (RFC 1939 §4): one session at a time, over all doors and reloads.
   * Undefined when another has it; dispose to give it back. Other doors are not kept out. Of the
   * maildrops of an account each has its own `name`.
   */
  lockMaildrop(account: AccountId, name?: string): Disposable | undefined;
  /**
   * Tells the owner once, by a notice in INBOX, when the account has come close to its quota.
   * `append` does it; whoever puts mail in by batches of its own calls it after them. Never throws.
   */
  warnOfQuota(account: AccountId): Promise<void>;
  close(): void;
}
