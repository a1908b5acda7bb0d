import type { Clock, Timer } from "../base/clock.ts";

/** Longest delay that the system's timers take, milliseconds (2^31 - 1); more would fire at once. */
const delayMsMax = 0x7fff_ffff;

/** The machine's time. Its timers do not keep the process alive. */
export function createRealClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    after: (delayMs, run) => (delayMs > delayMsMax ? longTimer(delayMs, run) : timer(delayMs, run)),
  };
}

function timer(delayMs: number, run: () => void): Timer {
  const handle = setTimeout(run, delayMs).unref();
  return { cancel: () => clearTimeout(handle) };
}

function longTimer(delayMs: number, run: () => void): Timer {
  let current: Timer;
  const arm = (leftMs: number): void => {
    current =
      leftMs > delayMsMax ? timer(delayMsMax, () => arm(leftMs - delayMsMax)) : timer(leftMs, run);
  };
  arm(delayMs);
  return { cancel: () => current.cancel() };
}
