/** Bounds of the mailbox room; each has a default that suits a server of a firm. */
export interface MailboxLimits {
  /** Largest message that may be appended, bytes. */
  readonly messageBytesMax: number;
  /** Messages in one append (RFC 3502 gives no bound). */
  readonly appendItemsMax: number;
  readonly mailboxesMax: number;
  /** Annotations of one mailbox, or of the account (RFC 5464 §4.1: at least 10). */
  readonly annotationsMax: number;
  /** All of them together with their names, bytes. */
  readonly annotationBytesMax: number;
  /** Distinct keywords in one mailbox, and so at most that many on a message. */
  readonly keywordsMax: number;
  /** Rows of mailboxes that nobody looks at now but that stay loaded, over all accounts. */
  readonly warmRowsMax: number;
  /** How long a mailbox stays loaded after its last view was closed. */
  readonly warmMs: number;
  /** Part of the quota from which on the owner is told, 0 to 1. */
  readonly quotaWarningFraction: number;
}

export const defaultMailboxLimits: MailboxLimits = {
  messageBytesMax: 64 * 1024 * 1024,
  appendItemsMax: 1000,
  mailboxesMax: 10_000,
  annotationsMax: 200,
  annotationBytesMax: 64 * 1024,
  keywordsMax: 200,
  warmRowsMax: 2_000_000,
  warmMs: 5 * 60_000,
  quotaWarningFraction: 0.9,
};
