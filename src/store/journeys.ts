import type { JourneyId } from "../base/ids.ts";

/**
 * One decision or event in a message's way, with its evidence. `kind` is `room.what`
 * ("smtp.connected", "delivery.stored", "queue.attempted", …); facts are plain data.
 */
export interface JourneyStep {
  readonly atMs: number;
  readonly kind: string;
  readonly facts: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

export type JourneyChange = {
  readonly kind: "journey.append";
  readonly journey: JourneyId;
  readonly steps: readonly JourneyStep[];
  /** Handles to find it by; only those not known yet need be given. */
  readonly messageIdHeader?: string;
  readonly addresses?: readonly string[];
};

export interface JourneyRow {
  readonly journey: JourneyId;
  readonly messageIdHeader: string;
  readonly addresses: readonly string[];
  readonly steps: readonly JourneyStep[];
}

export interface JourneyReader {
  /** Newest first. `handle` is a Message-ID (with or without brackets), an address, or an id. */
  find(handle: string, limit: number): Promise<readonly JourneyRow[]>;
}
