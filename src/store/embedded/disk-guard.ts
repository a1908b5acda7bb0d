import type { Clock } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import type { Log } from "../../base/log.ts";
import type { Disk } from "./disk.ts";

/** How long an answer about free room holds. */
const freshMs = 250;

/**
 * Refuses new mail before the disk is full, so that deleting, moving and reading still work and
 * there is room for the engine's own housekeeping. Resumes by itself.
 */
export class DiskGuard {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #reserveBytes: number;
  #freeBytes = Infinity;
  #askedAtMs = -Infinity;
  #isFull = false;

  constructor(options: {
    readonly disk: Disk;
    readonly clock: Clock;
    readonly log: Log;
    /** Bytes that stay free. */
    readonly reserveBytes: number;
  }) {
    this.#disk = options.disk;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#reserveBytes = options.reserveBytes;
  }

  /** @throws Refusal `diskFull` when `bytes` more would touch the reserve. */
  check(bytes: number): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#askedAtMs >= freshMs) {
      this.#askedAtMs = nowMs;
      this.#freeBytes = this.#disk.freeBytes();
    }
    // What was let in since is counted, as if it were written at once.
    this.#freeBytes -= bytes;
    const isFull = this.#freeBytes < this.#reserveBytes;
    if (isFull !== this.#isFull) {
      this.#isFull = isFull;
      const facts = { freeBytes: this.#freeBytes };
      if (isFull) this.#log.write("error", "store.diskFull", facts);
      else this.#log.write("info", "store.diskHasRoom", facts);
    }
    if (!isFull) return;
    this.#freeBytes += bytes;
    throw new Refusal("diskFull", "There is no room for new mail now; try again later.");
  }
}
