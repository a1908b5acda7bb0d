import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mailboxId, modSeq } from "../base/ids.ts";
import {
  type MakeStore,
  add,
  addMessages,
  all,
  apply,
  assertRefused,
  inbox,
  makeAccount,
  resultOf,
  startMs,
  uidsOf,
  withStore,
} from "./contract-fixtures.ts";

/** What every engine promises about batches, whatever they change (decision 0002). */
export function describeBatchContract(name: string, make: MakeStore): void {
  describe(`${name}: batches`, () => {
    test("a batch is applied to all its accounts or to none", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store, "ana");
        const boris = await makeAccount(store, "boris", 3);
        const before = await store.mail.account(ana);
        await assertRefused(apply(store, add(ana, inbox), add(boris, inbox)), "overQuota");
        assert.deepEqual(await store.mail.account(ana), before);
        assert.deepEqual(await uidsOf(store, ana), []);
        assert.deepEqual(await store.mail.changes(ana, before.modSeq), []);
        const applied = await apply(
          store,
          add(ana, inbox),
          add(boris, inbox, { enforceQuota: false }),
        );
        assert.deepEqual([...applied.modSeqs.keys()], [ana, boris]);
        assert.deepEqual(await uidsOf(store, ana), [1]);
        assert.deepEqual(await uidsOf(store, boris), [1]);
      }));

    test("numbers that a failed batch would have used are given to the next", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await addMessages(store, ana, 1);
        const nowhere = add(ana, mailboxId(99));
        await assertRefused(apply(store, add(ana, inbox), nowhere), "noSuchMailbox");
        const [next] = await addMessages(store, ana, 1);
        assert.deepEqual(next, { uid: 2, message: 2 });
        assert.equal((await store.mail.account(ana)).modSeq, 3);
      }));

    test("a bad batch never fails its neighbours in a commit", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const boris = await makeAccount(store, "boris", 7);
        const answers = await Promise.allSettled([
          apply(store, add(ana, inbox, { text: "first" })),
          apply(store, add(ana, inbox, { text: "bad" }), add(ana, mailboxId(99))),
          apply(store, add(boris, inbox, { text: "four" })),
          apply(store, add(ana, inbox, { text: "no" }), add(boris, inbox, { text: "four" })),
          apply(store, add(ana, inbox, { text: "last" })),
        ]);
        assert.deepEqual(
          answers.map((answer) => answer.status),
          ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"],
        );
        assert.deepEqual(await uidsOf(store, ana), [1, 2]);
        assert.deepEqual(await uidsOf(store, boris), [1]);
        assert.equal((await store.mail.account(ana)).usedBytes, 9);
      }));

    test("a change of a batch sees what the changes before it did", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const applied = await apply(
          store,
          { kind: "mail.mailboxCreate", account: ana, name: "New" },
          add(ana, mailboxId(3), { text: "x" }),
          {
            kind: "mail.messageMove",
            account: ana,
            from: mailboxId(3),
            uids: all,
            to: inbox,
          },
        );
        assert.equal(resultOf(applied, 0, "mail.mailboxCreate").mailbox, 3);
        assert.deepEqual(await uidsOf(store, ana), [1]);
        assert.deepEqual(await uidsOf(store, ana, mailboxId(3)), []);
      }));

    test("a batch whose key was applied changes nothing and says so", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const batch = { key: "one", actor: "test", atMs: startMs, changes: [add(ana, inbox)] };
        const [first, second] = await Promise.all([store.apply(batch), store.apply(batch)]);
        assert.equal(first.isRepeated, false);
        assert.deepEqual(second, { isRepeated: true, results: [], modSeqs: new Map() });
        assert.equal((await store.apply(batch)).isRepeated, true);
        assert.deepEqual(await uidsOf(store, ana), [1]);
      }));

    test("the key of a batch that was refused can be used again", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const batch = { key: "one", actor: "test", atMs: startMs };
        const bad = { ...batch, changes: [add(ana, mailboxId(99))] };
        await assertRefused(store.apply(bad), "noSuchMailbox");
        const good = await store.apply({ ...batch, changes: [add(ana, inbox)] });
        assert.equal(good.isRepeated, false);
      }));

    test("a key is forgotten after its retention, not before seven days", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const batch = { key: "one", actor: "test", atMs: startMs, changes: [add(ana, inbox)] };
        await store.apply(batch);
        await store.maintain(startMs + 7 * 86_400_000, 1000);
        assert.equal((await store.apply(batch)).isRepeated, true);
        await store.maintain(startMs + 9 * 86_400_000, 1000);
        assert.equal((await store.apply(batch)).isRepeated, false);
      }));

    test("an account that does not exist is refused in writes and reads", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await apply(store, { kind: "directory.accountRemove", account: ana });
        await assertRefused(apply(store, add(ana, inbox)), "noSuchUser");
        await assertRefused(store.mail.account(ana), "noSuchUser");
        await assertRefused(store.mail.mailboxes(ana), "noSuchUser");
        await assertRefused(store.mail.subscriptions(ana), "noSuchUser");
        await assertRefused(store.mail.loadMailbox(ana, inbox), "noSuchUser");
        await assertRefused(store.mail.messages(ana, [], ["preview"]), "noSuchUser");
        await assertRefused(store.mail.changes(ana, modSeq(0)), "noSuchUser");
      }));

    test("a closed store refuses to write", async () => {
      const { store, close } = await make();
      await close();
      await assertRefused(
        apply(store, { kind: "directory.domainAdd", name: "example.org" }),
        "shuttingDown",
      );
    });

    test("a crash loses nothing that was acknowledged", () =>
      withStore(make, async (store, { crash }) => {
        if (crash === undefined) return;
        const ana = await makeAccount(store);
        await addMessages(store, ana, 3);
        const before = await store.mail.loadMailbox(ana, inbox);
        const reopened = await crash();
        try {
          assert.deepEqual(await reopened.store.mail.loadMailbox(ana, inbox), before);
          const [next] = await addMessages(reopened.store, ana, 1);
          assert.deepEqual(next, { uid: 4, message: 4 });
        } finally {
          await reopened.close();
        }
      }));
  });
}
