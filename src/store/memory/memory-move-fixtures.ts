import { ManualClock } from "../contract-fixtures.ts";
import type { MovePlace } from "../move/move.contract.ts";
import { createMemoryStore } from "./create-memory-store.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { openMemoryDump } from "./memory-dump.ts";

/** A memory disk as a place that the move suite fills and copies. */
export async function makeMemoryPlace(): Promise<MovePlace> {
  const disk = new MemoryDisk();
  return {
    openStore: async () =>
      createMemoryStore({ disk, clock: new ManualClock(), inlineBytesMax: 64 }),
    openSource: async () => openMemoryDump(disk),
    openTarget: async () => openMemoryDump(disk),
    remove: async () => undefined,
  };
}
