/** A wait that can be called off. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as a port. The real clock is in the net room, the simulator has a virtual one; no other
 * code reads the time or sets a timer.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Milliseconds that never run backwards, for measuring how long something took. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`, unless cancelled first. Does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer;
}

/** Resolves after `delayMs`; rejects with the signal's reason when aborted first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
