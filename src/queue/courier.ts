import type { QueueEntry, QueueRecipient } from "../store/queue.ts";

/** How one recipient fared in one attempt, with the remote's own words. */
export type RecipientOutcome =
  | {
      readonly kind: "delivered";
      readonly recipient: number;
      readonly answer: RemoteAnswer;
      readonly canNotify: boolean;
    }
  | { readonly kind: "failed"; readonly recipient: number; readonly answer: RemoteAnswer }
  | { readonly kind: "delayed"; readonly recipient: number; readonly answer: RemoteAnswer };

/** What the other side said, or what we say when there was nobody to say it. */
export interface RemoteAnswer {
  /** Host that spoke: "mx.example.org (192.0.2.7)"; empty when none was reached. */
  readonly host: string;
  /** Three digits, or 0 when nobody answered. */
  readonly code: number;
  /** RFC 3463, "5.1.1". */
  readonly status: string;
  /** One line of text. */
  readonly text: string;
  /** TLS version and cipher, or "" for plain text. */
  readonly tls: string;
}

/** One attempt at one message for recipients of one destination. */
export interface Consignment {
  readonly entry: QueueEntry;
  readonly recipients: readonly QueueRecipient[];
  readonly destination: string;
  /** The whole message in pieces, prefix first; may be called again for another host. */
  content(): AsyncIterable<Uint8Array>;
  readonly contentBytes: number;
}

/** Carries mail onwards. Implemented by the SMTP client; joined to the queue by the app room. */
export interface Courier {
  /** Tries once. Every recipient has exactly one outcome; never throws for what remotes do. */
  carry(consignment: Consignment, signal: AbortSignal): Promise<readonly RecipientOutcome[]>;
  /** Lets go of idle connections. */
  close(): Promise<void>;
}
