import type { MessageId } from "../../base/ids.ts";

/** One message, as far as threading looks at it. */
export interface ThreadedMessage {
  readonly row: number;
  readonly message: MessageId;
  /** By which siblings are put in order. */
  readonly atMs: number;
  /** Base subject (RFC 5256 §2.1), folded. */
  readonly subject: string;
  /** Empty when there is none. */
  readonly messageIdHeader: string;
  /** Oldest first. */
  readonly references: readonly string[];
}

/** A place in a conversation; without a message it stands for one that is not there. */
export interface ThreadNode {
  readonly message: ThreadedMessage | undefined;
  children: ThreadNode[];
}
