import type { Clock } from "../base/clock.ts";
import { sleep } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { Wire } from "./wire.ts";

/**
 * The sessions that are open, so that the server can end them in good order: whoever waits for a
 * command is told good-bye at once, whoever is in the midst of one may finish it.
 */
export class Sessions {
  readonly #wires = new Set<Wire>();
  #ending: Refusal | undefined;
  #whenEmpty: (() => void) | undefined;

  get count(): number {
    return this.#wires.size;
  }

  /** Counts a session in until it is disposed of. */
  enter(wire: Wire): Disposable {
    this.#wires.add(wire);
    if (this.#ending !== undefined) wire.interrupt(this.#ending);
    return {
      [Symbol.dispose]: () => {
        this.#wires.delete(wire);
        if (this.#wires.size === 0) this.#whenEmpty?.();
      },
    };
  }

  /** Asks all to end, also those that are yet to come, and cuts off who is left after `graceMs`. */
  async end(clock: Clock, graceMs: number): Promise<void> {
    const refusal = new Refusal("shuttingDown", "The server is shutting down; try again later.");
    this.#ending = refusal;
    for (const wire of [...this.#wires]) wire.interrupt(refusal);
    if (this.#wires.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    const late = new AbortController();
    await Promise.race([empty, sleep(clock, graceMs, late.signal).catch(() => undefined)]);
    late.abort();
    for (const wire of this.#wires) wire.connection.destroy();
  }
}
