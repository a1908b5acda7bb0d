import type { BlobHash, JourneyId, QueueId } from "../base/ids.ts";
import type { StagedBlob } from "./blobs.ts";

/** RFC 3461 §4.1: when the sender wants a notice; empty is NEVER. */
export type Notify = "success" | "failure" | "delay";

export interface NewQueueRecipient {
  readonly address: string;
  /** Where it goes first: lower-case domain, or a bracketed literal. Groups for concurrency. */
  readonly destination: string;
  readonly notify: readonly Notify[];
  /** RFC 3461 §4.2 ORCPT as given. */
  readonly originalRecipient?: string;
}

/** A message to be sent on, with everything an attempt and a notice need. */
export interface QueueMessage {
  /** Empty for notices (RFC 5321 §4.5.5): such a message is never bounced. */
  readonly sender: string;
  readonly envelopeId?: string;
  readonly returnContent: "full" | "headers";
  readonly needsSmtpUtf8: boolean;
  readonly bodyKind: "7bit" | "8bitmime" | "binarymime";
  /** RFC 8689: goes over verified TLS to servers that promise the same, or not at all. */
  readonly isTlsRequired?: true;
  readonly prefix: Uint8Array;
  readonly expiresAtMs: number;
  readonly journey: JourneyId;
}

export type QueueChange =
  | {
      readonly kind: "queue.add";
      readonly message: QueueMessage;
      readonly blob: StagedBlob;
      readonly recipients: readonly NewQueueRecipient[];
      readonly dueAtMs: number;
    }
  /**
   * Ends a lease. Refused with `conflict` when the lease is no longer the caller's, so that two
   * nodes never both settle a recipient.
   */
  | {
      readonly kind: "queue.settle";
      readonly queue: QueueId;
      readonly recipient: number;
      readonly lease: number;
      readonly outcome: QueueOutcome;
    }
  /** By hand: makes every recipient of a message due at a time, or removes it. */
  | { readonly kind: "queue.retryAt"; readonly queue: QueueId; readonly dueAtMs: number }
  | { readonly kind: "queue.hold"; readonly queue: QueueId; readonly isHeld: boolean }
  | { readonly kind: "queue.remove"; readonly queue: QueueId };

export type QueueOutcome =
  /** Nothing more to do for this recipient; with the last one the message goes too. */
  | { readonly kind: "done" }
  | {
      readonly kind: "retry";
      readonly dueAtMs: number;
      readonly lastAnswer: string;
      /** That the notice of delay (RFC 3464) has been sent. */
      readonly isDelayNoticed: boolean;
    }
  /** Given back untried (shutdown, destination busy): attempts are not counted. */
  | { readonly kind: "release"; readonly dueAtMs: number };

export type QueueResult =
  | { readonly kind: "queue" }
  | { readonly kind: "queue.add"; readonly queue: QueueId };

export interface QueueRecipient extends NewQueueRecipient {
  readonly queue: QueueId;
  /** Place in the message's list, from 0. */
  readonly recipient: number;
  readonly attemptCount: number;
  readonly dueAtMs: number;
  readonly lastAnswer: string;
  readonly isDelayNoticed: boolean;
  readonly isHeld: boolean;
}

export interface QueueEntry {
  readonly id: QueueId;
  readonly message: QueueMessage;
  readonly hash: BlobHash;
  readonly bodyBytes: number;
  readonly queuedAtMs: number;
  readonly recipients: readonly QueueRecipient[];
}

/** Recipients of one message handed to one worker until `untilMs`. */
export interface Lease {
  /** Fencing number: rises with every lease of the store. */
  readonly lease: number;
  readonly untilMs: number;
  readonly entry: QueueEntry;
  /** Those leased: all of one destination, all due. */
  readonly recipients: readonly QueueRecipient[];
}

export interface QueueStore {
  /**
   * Takes due recipients, oldest due first, one lease per message and destination, at most
   * `limit` leases. A lease that was not settled by `nowMs + leaseMs` can be taken again.
   */
  lease(options: {
    readonly nowMs: number;
    readonly leaseMs: number;
    readonly limit: number;
    /** Destinations that have all the connections they may have now. */
    readonly skipDestinations: readonly string[];
  }): Promise<readonly Lease[]>;
  /**
   * When the next recipient can be leased, be it in the past; one under a lease again when the
   * lease ends. Undefined when none waits; those on hold do not.
   */
  nextDueAtMs(): Promise<number | undefined>;
  list(options?: {
    readonly after?: QueueId;
    readonly limit?: number;
  }): Promise<readonly QueueEntry[]>;
  find(id: QueueId): Promise<QueueEntry | undefined>;
  counts(): Promise<{ readonly messages: number; readonly recipients: number }>;
}
