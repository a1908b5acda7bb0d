import { assert } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import { type Log, silentLog } from "../../base/log.ts";
import type { Batch } from "../batch.ts";
import { type Maintenance, type Retention, defaultRetention } from "../maintenance.ts";
import { applyBatch } from "../rules/apply-batch.ts";
import { inlineBytesMax } from "../rules/blob-limits.ts";
import { FeedHub } from "../rules/feed-hub.ts";
import { leaseDue } from "../rules/lease-due.ts";
import type { Store } from "../store.ts";
import { createMemoryBlobs } from "./memory-blobs.ts";
import { createMemoryDirectory } from "./memory-directory.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { createMemoryJourneys } from "./memory-journeys.ts";
import { createMemoryKeyed } from "./memory-keyed.ts";
import { createMemoryMail } from "./memory-mail.ts";
import { sweepMemory } from "./memory-maintenance.ts";
import { createMemoryQueue } from "./memory-queue.ts";
import { MemoryWriter } from "./memory-writer.ts";

export interface MemoryStoreOptions {
  readonly clock: Clock;
  readonly log?: Log;
  /** What earlier stores committed; a new, empty one by default. */
  readonly disk?: MemoryDisk;
  /** How long a commit takes by the clock. Without it a commit takes no time. */
  readonly commitDelayMs?: () => number;
  readonly faults?: MemoryFaults;
  readonly inlineBytesMax?: number;
  readonly retention?: Retention;
}

/** Hooks that may throw, to play a store that fails. */
export interface MemoryFaults {
  /** A throw fails all batches of the commit; nothing of them is kept. */
  beforeCommit?(batches: readonly Batch[]): void;
  /** A throw loses the answers of batches that were kept: their callers cannot know. */
  afterCommit?(batches: readonly Batch[]): void;
}

export interface MemoryStore extends Store, Maintenance {
  readonly disk: MemoryDisk;
  /** Stops as in a power cut: what was not committed is lost, its callers hear `unavailable`. */
  crash(): void;
}

/** A store in memory: for tests, the embeddable test server and the simulator. */
export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { clock } = options;
  const disk = options.disk ?? new MemoryDisk();
  const nowMs = () => clock.now();
  assert(disk.moveMarker === undefined, "a move into the disk is not finished");
  const feed = new FeedHub(options.log ?? silentLog);
  freeLeases(disk);
  const writer = new MemoryWriter(disk, feed, options);
  return {
    disk,
    apply: (batch) =>
      writer.write([batch], (tables) => {
        const { applied, work } = applyBatch(tables, batch);
        return { answer: applied, work };
      }),
    mail: createMemoryMail(disk),
    directory: createMemoryDirectory(disk),
    queue: createMemoryQueue(disk, (wanted) =>
      writer.write([], (tables) => ({ answer: leaseDue(tables, wanted) })),
    ),
    journeys: createMemoryJourneys(disk),
    keyed: createMemoryKeyed(disk),
    blobs: createMemoryBlobs({
      disk,
      nowMs,
      inlineBytesMax: options.inlineBytesMax ?? inlineBytesMax,
    }),
    feed,
    maintain: async (now) => sweepMemory(disk, now, options.retention ?? defaultRetention),
    close: () => writer.close(),
    crash: () => writer.crash(),
  };
}

/** Whoever held a lease is gone with the store that gave it. */
function freeLeases(disk: MemoryDisk): void {
  for (const records of disk.recipients.values()) {
    for (const one of records.values()) {
      if (one.lease !== 0) records.set(one.recipient, { ...one, lease: 0, readyAtMs: one.dueAtMs });
    }
  }
}
