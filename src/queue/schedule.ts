import { assert } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import type { QueueSettings } from "./settings.ts";

export interface ScheduleFacts {
  readonly nowMs: number;
  readonly queuedAtMs: number;
  readonly expiresAtMs: number;
  /** Attempts made, the one that has just ended included. */
  readonly attemptCount: number;
  /** Whether the sender wants to hear of a delay and has not heard yet. */
  readonly owesDelayNotice: boolean;
}

/**
 * When to try again. The wait depends on the number of attempts only, so that it is the same after
 * a restart. An attempt falls on the moment of the notice of delay and one on the expiry, so that
 * neither is told later, or of older news, than it has to be.
 */
export function nextAttemptMs(
  facts: ScheduleFacts,
  settings: QueueSettings,
  random: Random,
): number {
  const { nowMs, queuedAtMs, expiresAtMs, attemptCount } = facts;
  const { retryAfterMs, jitter, delayNoticeAfterMs } = settings;
  const wait = retryAfterMs[attemptCount - 1] ?? retryAfterMs.at(-1);
  assert(wait !== undefined && wait > 0, "there is a wait between attempts");
  const spread = 1 + jitter * (2 * random.fraction() - 1);
  const noticeAtMs = queuedAtMs + delayNoticeAfterMs;
  const latest = facts.owesDelayNotice && noticeAtMs > nowMs ? noticeAtMs : expiresAtMs;
  return Math.max(nowMs + 1, Math.min(nowMs + Math.round(wait * spread), latest, expiresAtMs));
}
