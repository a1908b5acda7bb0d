import { cp, rm } from "node:fs/promises";
import { silentLog } from "../../base/log.ts";
import { ManualClock, type StoreUnderTest } from "../contract-fixtures.ts";
import { describeStoreContract } from "../store.contract.ts";
import { openEmbeddedStore } from "./open-embedded-store.ts";
import { makeTestFolder } from "./test-folder.ts";

describeStoreContract("embedded", async () => open(await makeTestFolder()));

async function open(folder: string): Promise<StoreUnderTest> {
  const store = await openEmbeddedStore({ folder, clock: new ManualClock(), log: silentLog });
  return {
    store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
    // The files as they are, without a word to the store that writes them.
    crash: async () => {
      const left = await makeTestFolder();
      await cp(folder, left, { recursive: true });
      return open(left);
    },
  };
}
