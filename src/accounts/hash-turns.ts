import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import { Semaphore } from "../base/lock.ts";

/** Lets expensive hashes run one after another. */
export interface Turns {
  /** @throws Refusal `unavailable` when too many wait or the turn does not come in time. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Callers that may wait; at 41 ms each the last waits under three seconds. */
const waitingMax = 64;
/** Longest wait for a turn, milliseconds. */
const waitMs = 10_000;

/**
 * One at a time: hashes share a few threads with the flushing of the disk, and four at once cut
 * deliveries to a sixtieth.
 */
export function createTurns(clock: Clock): Turns {
  const semaphore = new Semaphore(1);
  return {
    async run(work) {
      if (semaphore.waitingCount >= waitingMax) throw tooBusy("too many hashes wait");
      using _turn = await turnInTime(semaphore, clock);
      return await work();
    },
  };
}

function turnInTime(semaphore: Semaphore, clock: Clock): Promise<Disposable> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = clock.after(waitMs, () => {
      isLate = true;
      reject(tooBusy("waited too long for a hash"));
    });
    void semaphore.acquire().then((turn) => {
      timer.cancel();
      if (isLate) turn[Symbol.dispose]();
      else resolve(turn);
    });
  });
}

function tooBusy(detail: string): Refusal {
  return new Refusal("unavailable", "Too many logins at once; try again in a few seconds.", detail);
}
