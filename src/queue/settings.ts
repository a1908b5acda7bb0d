const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** How patient and how busy the queue is. Waits are milliseconds. */
export interface QueueSettings {
  /** Waits before the second, third, … attempt; the last one repeats (RFC 5321 §4.5.4.1). */
  readonly retryAfterMs: readonly number[];
  /** Each wait is longer or shorter by at most this part of it, so that retries spread. */
  readonly jitter: number;
  /** From queueing to the notice of delay. */
  readonly delayNoticeAfterMs: number;
  /** Attempts at once. */
  readonly attemptsMax: number;
  /** Attempts at once to one destination. */
  readonly attemptsPerDestinationMax: number;
  /** An attempt that takes longer is broken off and counts as delayed. */
  readonly attemptTimeoutMs: number;
  /** Longer than an attempt may take, so that no lease runs out under a living worker. */
  readonly leaseMs: number;
  /** Leases asked for at once. */
  readonly leasesPerCallMax: number;
  /** How often to look when no hint came: hints may be lost. */
  readonly pollMs: number;
  /** Attempts in a row in which nobody answered, after which a destination is left alone … */
  readonly silencesMax: number;
  /** … for this long, twice as long after each further one … */
  readonly pauseMs: number;
  /** … up to this. */
  readonly pauseMsMax: number;
  /** Longest message that a failure notice returns whole; of longer ones it returns the header. */
  readonly returnBytesMax: number;
}

export const defaultQueueSettings: QueueSettings = {
  retryAfterMs: [5 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 4 * hour],
  jitter: 0.1,
  delayNoticeAfterMs: 4 * hour,
  attemptsMax: 50,
  attemptsPerDestinationMax: 5,
  attemptTimeoutMs: 60 * minute,
  leaseMs: 75 * minute,
  leasesPerCallMax: 20,
  pollMs: minute,
  silencesMax: 3,
  pauseMs: 30 * second,
  pauseMsMax: 10 * minute,
  returnBytesMax: 256 * 1024,
};
