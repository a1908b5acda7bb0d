import type { JourneyStep } from "../journeys.ts";
import type { Maintained, Retention } from "../maintenance.ts";
import type { MemoryDisk } from "./memory-disk.ts";

/** Frees everything that is past its retention. */
export function sweepMemory(disk: MemoryDisk, nowMs: number, retention: Retention): Maintained {
  let freedCount = 0;
  const sweep = <Key, Value>(map: Map<Key, Value>, isDone: (value: Value) => boolean) => {
    for (const [key, value] of map) if (isDone(value) && map.delete(key)) freedCount++;
  };
  for (const account of disk.accounts.values()) {
    sweep(account.messages, ({ copyCount, goneAtMs, kept }) => {
      if (copyCount > 0 || goneAtMs + retention.messageMs > nowMs) return false;
      const blob = disk.blobs.get(kept.blob.hash);
      if (blob !== undefined)
        Object.assign(blob, { refCount: blob.refCount - 1, freeSinceMs: nowMs });
      return true;
    });
  }
  sweep(disk.blobs, (blob) => blob.refCount === 0 && blob.freeSinceMs + retention.blobMs <= nowMs);
  sweep(disk.batchKeys, (atMs) => atMs + retention.batchKeyMs <= nowMs);
  sweep(disk.keyed, (row) => row.expiresAtMs <= nowMs);
  const isOld = ({ atMs }: JourneyStep) => atMs + retention.journeyMs <= nowMs;
  for (const [id, journey] of disk.journeys) {
    const steps = journey.steps.filter((step) => !isOld(step));
    if (steps.length > 0 && steps.length < journey.steps.length) {
      disk.journeys.set(id, { ...journey, steps });
    }
  }
  sweep(disk.journeys, ({ steps }) => steps.every(isOld));
  disk.journeyParts = disk.journeyParts
    .filter(({ journey }) => disk.journeys.has(journey))
    .map((part) => ({ ...part, steps: part.steps.filter((step) => !isOld(step)) }));
  for (const [handle, ids] of disk.journeyHandles) {
    if (!ids.some((id) => disk.journeys.has(id))) disk.journeyHandles.delete(handle);
  }
  return { isIdle: true, freedCount, packedCount: 0 };
}
