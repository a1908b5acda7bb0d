import type { Clock } from "../../base/clock.ts";
import type { Target } from "./find-targets.ts";

/** Most hosts remembered. */
const hostsMax = 1000;

/** Hosts at which something did not work, for a while. Losing it costs time, never mail. */
export class HostMemory {
  readonly #clock: Clock;
  readonly #keepMs: number;
  /** Until when, by address and port; oldest first. */
  readonly #failed = new Map<string, number>();

  constructor(clock: Clock, keepMs: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  remember(target: Target): void {
    const key = keyOf(target);
    this.#failed.delete(key);
    this.#failed.set(key, this.#clock.now() + this.#keepMs);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > hostsMax && oldest !== undefined) this.#failed.delete(oldest);
  }

  forget(target: Target): void {
    this.#failed.delete(keyOf(target));
  }

  has(target: Target): boolean {
    const untilMs = this.#failed.get(keyOf(target));
    return untilMs !== undefined && this.#clock.now() < untilMs;
  }
}

function keyOf({ address, port }: Target): string {
  return `${address} ${port}`;
}
