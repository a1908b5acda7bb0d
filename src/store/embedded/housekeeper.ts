import type { Clock } from "../../base/clock.ts";
import type { Maintained, Retention } from "../maintenance.ts";
import type { HousekeepingStep } from "./housekeeping.ts";
import type { Packer } from "./packer.ts";
import type { SqlBlobs } from "./sql-blobs.ts";
import type { SqlWriter } from "./sql-writer.ts";

export interface HousekeeperOptions {
  readonly clock: Clock;
  readonly writer: SqlWriter;
  readonly blobs: SqlBlobs;
  readonly retention: Retention;
  readonly steps: readonly HousekeepingStep[];
  readonly packer: Packer;
}

/** Steps of one call, at most, whatever its budget. */
const stepsMax = 10_000;

/** Runs housekeeping in steps that are small transactions, between which mail flows. */
export class Housekeeper {
  readonly #options: HousekeeperOptions;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
  }

  async run(nowMs: number, budgetMs: number): Promise<Maintained> {
    const { clock, blobs, retention, packer } = this.#options;
    const endMs = clock.monotonicMs() + budgetMs;
    blobs.forgetStaged(nowMs, retention.blobMs);
    const done = { freedCount: 0, packedCount: 0 };
    for (let step = 0; step < stepsMax && clock.monotonicMs() <= endMs; step++) {
      const freed = await this.#freeStep(nowMs);
      const packed = (await packer.packStep(nowMs)) + (await packer.compactStep());
      done.freedCount += freed;
      done.packedCount += packed;
      if (freed + packed === 0) return { isIdle: true, ...done };
    }
    return { isIdle: false, ...done };
  }

  async #freeStep(nowMs: number): Promise<number> {
    let freed = 0;
    for (const step of this.#options.steps) {
      freed += await this.#options.writer.write(0, () => ({ answer: step(nowMs) }));
    }
    return freed;
  }
}
