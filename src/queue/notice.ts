import type { JourneyId } from "../base/ids.ts";
import type { Change } from "../store/batch.ts";

/** A message of ours to the sender of a message, to be kept with the null sender. */
export interface Notice {
  readonly journey: JourneyId;
  /** Whom it tells: the sender of the message that it is about. */
  readonly recipient: string;
  /** The whole notice. */
  readonly parts: readonly Uint8Array[];
  readonly needsSmtpUtf8: boolean;
  /** Of the message that it is about (RFC 8689 §5): the notice is as secret. */
  readonly isTlsRequired?: true;
}

/**
 * Says which changes keep a notice, here or in the queue; none when its recipient is nobody. They
 * go into the batch that settles what the notice tells, so that neither exists without the other.
 * @throws Refusal when it cannot be kept now.
 */
export type NoticeKeeper = (notice: Notice) => Promise<readonly Change[]>;
