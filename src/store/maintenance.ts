/** What a step of housekeeping did. */
export interface Maintained {
  /** Nothing was left to do: the next step can wait. */
  readonly isIdle: boolean;
  /** Messages, bodies, keys and journeys that were freed for good. */
  readonly freedCount: number;
  /** Bodies that moved to where they stay. */
  readonly packedCount: number;
}

/**
 * Housekeeping that an engine wants done from time to time, in small steps. The app's clock
 * drives it; the engine never starts any by itself.
 */
export interface Maintenance {
  /**
   * Does some of what is due at `nowMs` and stops after about `budgetMs`. Call again soon when
   * the answer is not idle, otherwise in a minute.
   */
  maintain(nowMs: number, budgetMs: number): Promise<Maintained>;
}

/** How long things stay that nothing refers to any more. */
export interface Retention {
  /** A message after its last copy was expunged: as long as undo can bring it back. */
  readonly messageMs: number;
  /** A body that no message and no queue entry uses, or that was staged and never used. */
  readonly blobMs: number;
  /** Names of batches that were applied. */
  readonly batchKeyMs: number;
  /** The record of a message's way. */
  readonly journeyMs: number;
}

const dayMs = 86_400_000;

export const defaultRetention: Retention = {
  messageMs: 30 * dayMs,
  blobMs: dayMs,
  batchKeyMs: 8 * dayMs,
  journeyMs: 180 * dayMs,
};
