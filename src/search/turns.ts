import { type Clock, sleep } from "../base/clock.ts";

/** Others get their turn after this long. */
const turnMs = 10;

/** Lets the event loop go round when a long computation has had it for a while. */
export class Turns {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  #startedMs: number;
  /** Called whenever a turn could be given. */
  onTurn: (() => void) | undefined;

  constructor(clock: Clock, signal?: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#startedMs = clock.monotonicMs();
  }

  /** Call it often. @throws the signal's reason when aborted. */
  async take(): Promise<void> {
    this.#signal?.throwIfAborted();
    this.onTurn?.();
    if (this.#clock.monotonicMs() - this.#startedMs < turnMs) return;
    await sleep(this.#clock, 0, this.#signal);
    this.#startedMs = this.#clock.monotonicMs();
  }
}
