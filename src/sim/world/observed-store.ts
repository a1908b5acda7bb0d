import type { Clock } from "../../base/clock.ts";
import type { Batch } from "../../store/batch.ts";
import type { MemoryStore } from "../../store/memory/create-memory-store.ts";
import type { MemoryDisk } from "../../store/memory/memory-disk.ts";
import type { Ledger, Settlement } from "./ledger.ts";
import { readContents } from "./letters.ts";

export interface Observer {
  readonly disk: MemoryDisk;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** Notes when deliveries to other servers were written down: until then they may be repeated. */
export function watchSettlements(store: MemoryStore, observer: Observer): MemoryStore {
  return {
    ...store,
    async apply(batch) {
      const settled = settlementsOf(batch, observer);
      const applied = await store.apply(batch);
      const atMs = observer.clock.now();
      for (const one of settled) observer.ledger.settlements.push({ ...one, atMs });
      return applied;
    },
  };
}

function settlementsOf({ changes }: Batch, { disk }: Observer): Omit<Settlement, "atMs">[] {
  return changes.flatMap((change) => {
    if (change.kind !== "queue.settle" || change.outcome.kind !== "done") return [];
    const record = disk.queue.get(change.queue);
    const address = disk.recipients.get(change.queue)?.get(change.recipient)?.address;
    const bytes = record && disk.blobs.get(record.hash)?.bytes;
    if (bytes === undefined || address === undefined) return [];
    const contents = readContents(bytes);
    return contents.kind === "other" ? [] : [{ token: contents.token, address }];
  });
}
