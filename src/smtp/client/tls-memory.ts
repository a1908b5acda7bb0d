import type { Clock } from "../../base/clock.ts";

/** Most hosts remembered. */
const hostsMax = 1000;

/**
 * Which hosts offered TLS and could not do it, so that the next attempt at opportunistic TLS goes
 * in plain text (RFC 7435 §3: some protection rather than none must not mean no mail).
 */
export class TlsMemory {
  readonly #clock: Clock;
  readonly #keepMs: number;
  /** Until when, by host; oldest first. */
  readonly #failed = new Map<string, number>();

  constructor(clock: Clock, keepMs: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  remember(host: string): void {
    this.#failed.delete(host);
    this.#failed.set(host, this.#clock.now() + this.#keepMs);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > hostsMax && oldest !== undefined) this.#failed.delete(oldest);
  }

  hasFailed(host: string): boolean {
    const untilMs = this.#failed.get(host);
    return untilMs !== undefined && this.#clock.now() < untilMs;
  }
}
