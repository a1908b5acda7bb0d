import type { JourneyId } from "../base/ids.ts";
import type { Destination, Login } from "../accounts/accounts.ts";
import type { TraceProtocol } from "../message/received.ts";
import type { Change } from "../store/batch.ts";
import type { JourneyStep } from "../store/journeys.ts";
import type { Notify } from "../store/queue.ts";

/** A recipient that was accepted at RCPT, with where it leads. */
export interface AcceptedRecipient {
  /** As the client gave it. */
  readonly address: string;
  readonly destinations: readonly Destination[];
  readonly notify: readonly Notify[] | undefined;
  readonly originalRecipient: string | undefined;
}

/** A message with its envelope, as a door has accepted it. */
export interface Submission {
  readonly journey: JourneyId;
  /** Empty for the null sender. */
  readonly sender: string;
  readonly recipients: readonly AcceptedRecipient[];
  /** The message as received, in pieces. */
  readonly parts: readonly Uint8Array[];
  /** Facts for the Received field and the journey. */
  readonly connection: ConnectionFacts;
  readonly login: Login | undefined;
  readonly envelopeId: string | undefined;
  readonly returnContent: "full" | "headers";
  readonly needsSmtpUtf8: boolean;
  /** RFC 8689: it, and notices about it, may be passed on over verified TLS only. */
  readonly isTlsRequired?: true;
  readonly bodyKind: "7bit" | "8bitmime" | "binarymime";
  /** What the door recorded so far; committed with the message. */
  readonly steps: readonly JourneyStep[];
  /**
   * Who tells the sender about a recipient that failed while others did not: the `door` has an
   * answer for each recipient (LMTP), or a `notice` goes out (SMTP has one answer for all).
   */
  readonly failuresBy: "door" | "notice";
}

export interface ConnectionFacts {
  readonly remoteAddress: string;
  /** HELO name. */
  readonly helo: string;
  readonly protocol: TraceProtocol;
  /** "TLSv1.3 with TLS_AES_128_GCM_SHA256", or "" for plain text. */
  readonly tls: string;
  readonly startedAtMs: number;
}

/** What became of one recipient. */
export interface DeliveryOutcome {
  readonly recipient: string;
  /** Undefined when it is durably kept or queued, or a notice of its failure is. */
  readonly refusal: Error | undefined;
}

/** A message of our own, such as the notice that a message could not be delivered. */
export interface Notice {
  /** Of the message that it is about: the notice is part of its way. */
  readonly journey: JourneyId;
  /** Whom it tells. */
  readonly recipient: string;
  readonly parts: readonly Uint8Array[];
  readonly needsSmtpUtf8: boolean;
  readonly isTlsRequired?: true;
}

/** What is known about who sent a message from outside. */
export interface SenderJudgement {
  /** Header fields to put in front of copies for mailboxes, with CRLF; empty for none. */
  readonly fields: string;
  /** Where fields lie that claim to be of this server, in order: they are taken out. */
  readonly forged: readonly { readonly start: number; readonly end: number }[];
  /** For the journey. */
  readonly step: JourneyStep;
}

/** Judges a whole message; undefined when there is nothing to judge. Never rejects. */
export type JudgeSender = (
  submission: Submission,
  bytes: Uint8Array,
) => Promise<SenderJudgement | undefined>;

/** What proves to others that a message that leaves is ours. */
export interface OutgoingSignatures {
  /** Header fields to put in front of copies for the queue, with CRLF; empty for none. */
  readonly fields: string;
  /** For the journey: for whom it was signed, or why not. */
  readonly step: JourneyStep;
}

/** Signs a whole message of a user, or, without a login, a notice of ours. Never rejects. */
export type SignOutgoing = (
  outgoing: { readonly journey: JourneyId; readonly login: Login | undefined },
  bytes: Uint8Array,
) => Promise<OutgoingSignatures>;

/** Brings accepted messages to mailboxes and to the queue. */
export interface Delivery {
  /**
   * Keeps the message for all recipients in one batch, and resolves when that is durable.
   * A recipient who is over quota fails alone; everything else fails all.
   * @returns one outcome for each recipient, in their order.
   * @throws Refusal `tooManyHops`, `rejectedContent`, `diskFull`, `unavailable`.
   */
  deliver(submission: Submission): Promise<readonly DeliveryOutcome[]>;
  /**
   * The changes that keep a notice for its recipient: in a mailbox here (full or not), or in the
   * queue with the null sender. For the caller's own batch, so that the notice exists if and only
   * if what it tells has happened. Empty when the recipient is nobody: such a notice is dropped.
   */
  noticeChanges(notice: Notice): Promise<readonly Change[]>;
}
