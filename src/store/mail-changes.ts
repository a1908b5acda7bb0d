import type { AccountId, JourneyId, MailboxId, MessageId, ModSeq, Uid } from "../base/ids.ts";
import type { StagedBlob } from "./blobs.ts";
import type { MailboxRole } from "./directory.ts";

/** First and last UID, both included, first ≤ last. A list of them is sorted and does not touch. */
export type UidRange = readonly [first: Uid, last: Uid];

/** System flags as bits of one number (RFC 9051 §2.3.2). */
export const flagBits = {
  seen: 1,
  answered: 2,
  flagged: 4,
  deleted: 8,
  draft: 16,
} as const;

/** Flags of one message in one mailbox. */
export interface Flags {
  /** Sum of `flagBits`. */
  readonly system: number;
  /** Keywords as first spelled, sorted, without repetition in any letter case. */
  readonly keywords: readonly string[];
}

/** All that is computed about a message once, when it arrives (the message room's digest). */
export interface MessageFacts {
  /** Offsets of parts, as JSON. */
  readonly structure: string;
  /** IMAP wire form, one character per byte. */
  readonly envelope: string;
  /** IMAP wire form of BODYSTRUCTURE, one character per byte. */
  readonly bodyStructure: string;
  readonly preview: string;
  /** Message-ID header without angle brackets, empty when there is none. */
  readonly messageIdHeader: string;
  /** Message-IDs of References and In-Reply-To, oldest first. */
  readonly references: readonly string[];
  /** RFC 5256 §2.1. */
  readonly baseSubject: string;
  /** Date header, milliseconds since 1970; internal date when absent or broken. */
  readonly sentAtMs: number;
  readonly hasAttachment: boolean;
  /** Folded text for search: header text and body text. */
  readonly searchHeaders: string;
  readonly searchBody: string;
}

/** A message on its way into the store. Its bytes are `prefix` followed by the body. */
export interface NewMessage {
  readonly blob: StagedBlob;
  /** Header fields that we add (Return-Path, Received, …), kept beside the shared body. */
  readonly prefix: Uint8Array;
  readonly facts: MessageFacts;
  readonly journey?: JourneyId;
}

export type FlagsMode = "add" | "remove" | "replace";

export type MailChange =
  | {
      readonly kind: "mail.mailboxCreate";
      readonly account: AccountId;
      /** Levels separated by "/", Unicode NFC; "INBOX" in capitals. */
      readonly name: string;
      readonly role?: MailboxRole;
    }
  /** Renames several at once: a tree moves in one change. */
  | {
      readonly kind: "mail.mailboxRename";
      readonly account: AccountId;
      readonly renames: readonly { readonly mailbox: MailboxId; readonly name: string }[];
    }
  | {
      readonly kind: "mail.mailboxDelete";
      readonly account: AccountId;
      readonly mailbox: MailboxId;
    }
  | {
      readonly kind: "mail.mailboxSetRole";
      readonly account: AccountId;
      readonly mailbox: MailboxId;
      readonly role: MailboxRole | undefined;
    }
  /** Sets values and, where there is none, removes them. They go with their mailbox. */
  | {
      readonly kind: "mail.annotate";
      readonly account: AccountId;
      readonly mailbox: MailboxId;
      readonly entries: readonly { readonly name: string; readonly value?: string }[];
    }
  /** A name may be subscribed to without existing (RFC 9051 §6.3.7). */
  | {
      readonly kind: "mail.subscribe";
      readonly account: AccountId;
      readonly name: string;
      readonly isSubscribed: boolean;
    }
  | {
      readonly kind: "mail.messageAdd";
      readonly account: AccountId;
      readonly mailbox: MailboxId;
      readonly message: NewMessage;
      readonly flags: Flags;
      readonly internalDateMs: number;
      /** False lets it in although the account is full: for our own notices. */
      readonly enforceQuota: boolean;
    }
  /** Copies share the body and the message row; the quota counts a message once. */
  | {
      readonly kind: "mail.messageCopy";
      readonly account: AccountId;
      readonly from: MailboxId;
      readonly uids: readonly UidRange[];
      readonly to: MailboxId;
    }
  | {
      readonly kind: "mail.messageMove";
      readonly account: AccountId;
      readonly from: MailboxId;
      readonly uids: readonly UidRange[];
      readonly to: MailboxId;
    }
  /**
   * Puts messages that are still retained into a mailbox, as new copies: undoes an expunge or a
   * deleted mailbox with what the log holds. Refused with `noSuchMessage` when one is gone.
   */
  | {
      readonly kind: "mail.messageRestore";
      readonly account: AccountId;
      readonly mailbox: MailboxId;
      readonly copies: readonly {
        readonly message: MessageId;
        readonly flags: Flags;
        readonly internalDateMs: number;
      }[];
    }
  | {
      readonly kind: "mail.flagsSet";
      readonly account: AccountId;
      readonly mailbox: MailboxId;
      readonly uids: readonly UidRange[];
      readonly mode: FlagsMode;
      readonly flags: Flags;
      /** RFC 7162 §3.1.3: messages changed after this are left alone and reported. */
      readonly unchangedSince?: ModSeq;
    }
  | {
      readonly kind: "mail.expunge";
      readonly account: AccountId;
      readonly mailbox: MailboxId;
      /** Those of these that exist; with `onlyDeleted`, only those flagged \Deleted. */
      readonly uids: readonly UidRange[];
      readonly onlyDeleted: boolean;
    };

/** UIDs of the originals and of their copies, position by position. */
export interface UidMap {
  readonly from: readonly Uid[];
  readonly to: readonly Uid[];
}

export type MailResult =
  | { readonly kind: "mail" }
  | {
      readonly kind: "mail.mailboxCreate";
      readonly mailbox: MailboxId;
      readonly uidValidity: number;
    }
  | {
      readonly kind: "mail.messageAdd";
      readonly mailbox: MailboxId;
      readonly uidValidity: number;
      readonly uid: Uid;
      readonly message: MessageId;
    }
  | {
      readonly kind: "mail.messageCopy" | "mail.messageMove";
      readonly uidValidity: number;
      readonly map: UidMap;
    }
  /** UIDs of the restored copies, position by position. */
  | {
      readonly kind: "mail.messageRestore";
      readonly uidValidity: number;
      readonly uids: readonly Uid[];
    }
  | {
      readonly kind: "mail.flagsSet";
      /** Messages whose flags are now as asked, changed or not. */
      readonly set: readonly UidRange[];
      /** Messages left alone because of `unchangedSince`. */
      readonly modified: readonly UidRange[];
      /** Of the entry written; absent when nothing changed. */
      readonly modSeq?: ModSeq;
    }
  | { readonly kind: "mail.expunge"; readonly expunged: readonly UidRange[] };
