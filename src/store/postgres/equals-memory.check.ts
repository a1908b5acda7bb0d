import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Refusal } from "../../base/faults.ts";
import { type AccountId, messageId, modSeq } from "../../base/ids.ts";
import { silentLog } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import type { Batch } from "../batch.ts";
import { arbitraryBatches } from "../contract-batches.ts";
import { ManualClock, makeAccount } from "../contract-fixtures.ts";
import { readView } from "../contract-view.ts";
import { createMemoryStore } from "../memory/create-memory-store.ts";
import type { Store } from "../store.ts";
import { testDatabases } from "./database-fixture.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

test("PostgreSQL gives the answers of the memory engine and comes to its state", async () => {
  const databases = testDatabases();
  const url = await databases.make();
  const clock = new ManualClock();
  const ports = { clock, random: seededRandom(1), log: silentLog };
  const postgres = await openPostgresStore({ url, serverName: "one", ...ports });
  const memory = createMemoryStore({ clock });
  const stores = [memory, postgres];
  let round = 0;
  try {
    const property = fc.asyncProperty(fc.gen(), async (generate) => {
      round++;
      const accounts: AccountId[] = [];
      for (const [name, quotaBytes] of [["ana", 0] as const, ["boris", 40] as const]) {
        const ids = [];
        for (const store of stores) {
          ids.push(await makeAccount(store, `${name}${round}`, quotaBytes));
        }
        assert.equal(ids[0], ids[1]);
        accounts.push(...ids.slice(0, 1));
      }
      const batches = generate(arbitraryBatches, accounts).map((batch) => ownKey(batch, round));
      // All at once, so that they share commits.
      const [a, b] = await Promise.all(stores.map((store) => answersOf(store, batches)));
      assert.deepEqual(b, a);
      for (const account of accounts) {
        assert.deepEqual(await stateOf(postgres, account), await stateOf(memory, account));
      }
    });
    await fc.assert(property, { numRuns: 60 });
  } finally {
    await postgres.close();
    await databases.remove(url);
  }
});

function ownKey({ key, ...batch }: Batch, round: number): Batch {
  return key === undefined ? batch : { ...batch, key: `${key}-${round}` };
}

function answersOf(store: Store, batches: readonly Batch[]): Promise<readonly unknown[]> {
  return Promise.all(
    batches.map((batch) =>
      store
        .apply(batch)
        .catch((error: unknown) => (error instanceof Refusal ? error.message : error)),
    ),
  );
}

async function stateOf(store: Store, account: AccountId): Promise<unknown> {
  const ids = Array.from({ length: 15 }, (_, index) => messageId(index + 1));
  return {
    state: await store.mail.account(account),
    mailboxes: await store.mail.mailboxes(account),
    subscriptions: await store.mail.subscriptions(account),
    view: await readView(store, account),
    log: await store.mail.changes(account, modSeq(0)),
    messages: await store.mail.messages(account, ids, ["thread", "preview", "messageIdHeader"]),
  };
}
