import type { Clock, Timer } from "../base/clock.ts";
import { asRefusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Maintenance } from "../store/maintenance.ts";

/** Longest step of housekeeping at a time, so that nobody waits for it, milliseconds. */
const budgetMs = 10;
const pauseMs = 200;
const idlePauseMs = 60_000;

/** Lets the store tidy up in small steps until disposed; waits for the step at hand then. */
export function housekeep(
  store: Maintenance,
  ports: { readonly clock: Clock; readonly random: Random; readonly log: Log },
): AsyncDisposable {
  const { clock, random, log } = ports;
  let timer: Timer | undefined;
  let step: Promise<void> = Promise.resolve();
  let isOver = false;
  const schedule = (delayMs: number) => {
    if (isOver) return;
    timer = clock.after(delayMs * (0.9 + random.fraction() * 0.2), () => {
      step = run();
    });
  };
  const run = async () => {
    try {
      const { isIdle } = await store.maintain(clock.now(), budgetMs);
      schedule(isIdle ? idlePauseMs : pauseMs);
    } catch (error) {
      log.write("warn", "store.maintenanceFailed", { detail: asRefusal(error).message });
      schedule(idlePauseMs);
    }
  };
  schedule(pauseMs);
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      timer?.cancel();
      await step;
    },
  };
}
