import { silentLog } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import { ManualClock, type StoreUnderTest } from "../contract-fixtures.ts";
import { describeStoreContract } from "../store.contract.ts";
import { testDatabases } from "./database-fixture.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

const databases = testDatabases();

describeStoreContract("postgres", async () => open(await databases.make()));

let opened = 0;

async function open(url: string): Promise<StoreUnderTest> {
  const store = await openPostgresStore({
    url,
    serverName: "contract",
    clock: new ManualClock(),
    random: seededRandom(++opened),
    log: silentLog,
  });
  return {
    store,
    close: async () => {
      await store.close();
      await databases.remove(url);
    },
    crash: async () => {
      store.crash();
      return open(url);
    },
  };
}
