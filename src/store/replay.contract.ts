import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type AccountId, modSeq } from "../base/ids.ts";
import { arbitraryBatches } from "./contract-batches.ts";
import { type MakeStore, makeAccount, withStore } from "./contract-fixtures.ts";
import { readView, replayView } from "./contract-view.ts";
import { flagBits } from "./mail-changes.ts";
import type { Store } from "./store.ts";

/** What every engine promises for any history: the log tells the state, and the counts agree. */
export function describeReplayContract(name: string, make: MakeStore): void {
  describe(`${name}: history`, () => {
    test("the log, replayed, is the state; counts are recounts; numbers only rise", () =>
      withStore(make, async (store) => {
        let round = 0;
        const property = fc.asyncProperty(fc.gen(), async (generate) => {
          round++;
          const accounts = [
            await makeAccount(store, `ana${round}`),
            await makeAccount(store, `boris${round}`, 40),
          ];
          for (const batch of generate(arbitraryBatches, accounts)) {
            const { key: _, ...unnamed } = batch;
            await store.apply(unnamed).catch(() => undefined);
          }
          for (const account of accounts) await assertSound(store, account);
        });
        await fc.assert(property, { numRuns: 25, endOnFailure: true });
      }));
  });
}

async function assertSound(store: Store, account: AccountId): Promise<void> {
  const view = await readView(store, account);
  assert.deepEqual(await replayView(store, account), view);
  const messages = new Map<number, number>();
  for (const row of await store.mail.mailboxes(account)) {
    const copies = view.get(row.id)?.copies ?? [];
    const count = (bit: number) => copies.filter((copy) => copy.flags.system & bit).length;
    assert.equal(row.totalCount, copies.length);
    assert.equal(row.unseenCount, copies.length - count(flagBits.seen));
    assert.equal(row.deletedCount, count(flagBits.deleted));
    assert.equal(row.sizeBytes, sum(copies.map((copy) => copy.sizeBytes)));
    assert.ok(copies.every((copy, index) => copy.uid > (copies[index - 1]?.uid ?? 0)));
    assert.ok(copies.every((copy) => copy.uid < row.uidNext && copy.modSeq <= row.modSeq));
    for (const copy of copies) messages.set(copy.message, copy.sizeBytes);
  }
  const state = await store.mail.account(account);
  assert.equal(state.messageCount, messages.size);
  assert.equal(state.usedBytes, sum([...messages.values()]));
  const log = await store.mail.changes(account, modSeq(0));
  assert.ok(log.every((entry, at) => entry.modSeq - (log[at - 1]?.modSeq ?? 0) <= 1));
  assert.equal(log.at(-1)?.modSeq, state.modSeq);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
