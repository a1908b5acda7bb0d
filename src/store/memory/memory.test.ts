import { ManualClock, type StoreUnderTest } from "../contract-fixtures.ts";
import { describeStoreContract } from "../store.contract.ts";
import { createMemoryStore } from "./create-memory-store.ts";
import { MemoryDisk } from "./memory-disk.ts";

describeStoreContract("memory", async () => open(new MemoryDisk()));

function open(disk: MemoryDisk): StoreUnderTest {
  const store = createMemoryStore({ clock: new ManualClock(), disk });
  return {
    store,
    close: () => store.close(),
    crash: async () => {
      store.crash();
      return open(disk);
    },
  };
}
