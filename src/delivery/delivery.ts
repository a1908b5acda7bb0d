import type { JourneyId } from "../base/ids.ts";
import type { Destination, Login } from "../accounts/accounts.ts";
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
  readonly bodyKind: "7bit" | "8bitmime" | "binarymime";
}

export interface ConnectionFacts {
  readonly remoteAddress: string;
  /** HELO name. */
  readonly helo: string;
  /** RFC 3848 word: SMTP, ESMTP, ESMTPS, ESMTPSA, LMTP, UTF8SMTP, … */
  readonly protocol: string;
  readonly tls: string;
  readonly startedAtMs: number;
}

/** What became of one recipient. */
export interface DeliveryOutcome {
  readonly recipient: string;
  /** Undefined when it is durably kept or queued. */
  readonly refusal: Error | undefined;
}

/** Brings accepted messages to mailboxes and to the queue. */
export interface Delivery {
  /**
   * Keeps the message for all recipients in one batch, and resolves when that is durable.
   * A recipient who is over quota fails alone; everything else fails all.
   * @throws Refusal `tooManyHops`, `rejectedContent`, `diskFull`, `unavailable`.
   */
  deliver(submission: Submission): Promise<readonly DeliveryOutcome[]>;
}
