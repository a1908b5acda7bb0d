import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type AccountId, type MailboxId, mailboxId, modSeq, uid } from "../base/ids.ts";
import {
  type MakeStore,
  add,
  apply,
  archive,
  assertRefused,
  inbox,
  makeAccount,
  resultOf,
  withStore,
} from "./contract-fixtures.ts";
import type { MailboxRole } from "./directory.ts";
import type { Store } from "./store.ts";

/** What every engine promises about mailboxes as a tree of names. */
export function describeMailboxContract(name: string, make: MakeStore): void {
  describe(`${name}: mailboxes`, () => {
    test("mailboxes are listed by name, with roles", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await create(store, ana, "Čaj/zelený");
        await create(store, ana, "Čaj");
        await create(store, ana, "Sent", "sent");
        const rows = await store.mail.mailboxes(ana);
        assert.deepEqual(
          rows.map((row) => [row.name, row.role]),
          [
            ["Archive", "archive"],
            ["INBOX", "inbox"],
            ["Sent", "sent"],
            ["Čaj", undefined],
            ["Čaj/zelený", undefined],
          ],
        );
        assert.equal("role" in (rows[3] ?? {}), false);
      }));

    test("a name and a role exist once in an account", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const boris = await makeAccount(store, "boris");
        await assertRefused(create(store, ana, "Archive"), "mailboxExists");
        await assertRefused(create(store, ana, "INBOX"), "mailboxExists");
        await assertRefused(create(store, ana, "Old", "archive"), "conflict");
        await assertRefused(create(store, ana, "Old", "inbox"), "notPermitted");
        await create(store, ana, "archive");
        await create(store, boris, "Old");
      }));

    for (const bad of [
      "",
      "/",
      "a/",
      "/a",
      "a//b",
      "inbox",
      "Inbox/x",
      "a\tb",
      "a\u0000",
      "e\u0301",
    ]) {
      test(`${JSON.stringify(bad)} is not a name for a mailbox`, () =>
        withStore(make, async (store) => {
          const ana = await makeAccount(store);
          await assertRefused(create(store, ana, bad), "mailboxNameInvalid");
          await assertRefused(rename(store, ana, [archive, bad]), "mailboxNameInvalid");
        }));
    }

    test("INBOX can be neither renamed nor deleted and keeps its role", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await assertRefused(rename(store, ana, [inbox, "Old"]), "notPermitted");
        await assertRefused(remove(store, ana, inbox), "notPermitted");
        await assertRefused(setRole(store, ana, inbox, "trash"), "notPermitted");
        await assertRefused(setRole(store, ana, inbox, undefined), "notPermitted");
        await assertRefused(setRole(store, ana, archive, "inbox"), "notPermitted");
        await assertRefused(rename(store, ana, [archive, "INBOX"]), "mailboxExists");
        await create(store, ana, "INBOX/sub");
      }));

    test("a tree moves in one change, one number in the log", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const a = await create(store, ana, "a");
        const b = await create(store, ana, "a/b");
        const before = await store.mail.account(ana);
        await rename(store, ana, [a, "x"], [b, "x/b"]);
        assert.deepEqual(await namesOf(store, ana), ["Archive", "INBOX", "x", "x/b"]);
        const entries = await store.mail.changes(ana, before.modSeq);
        assert.deepEqual(
          entries.map((entry) => [entry.modSeq - before.modSeq, entry.act]),
          [
            [1, { kind: "mailboxRenamed", mailbox: a, before: "a", after: "x" }],
            [1, { kind: "mailboxRenamed", mailbox: b, before: "a/b", after: "x/b" }],
          ],
        );
      }));

    test("names may be swapped, but two mailboxes never share one", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const a = await create(store, ana, "a");
        const b = await create(store, ana, "b");
        await rename(store, ana, [a, "b"], [b, "a"]);
        const rows = await store.mail.mailboxes(ana);
        assert.equal(rows.find((row) => row.name === "a")?.id, b);
        await assertRefused(rename(store, ana, [a, "a"]), "mailboxExists");
        await assertRefused(rename(store, ana, [a, "c"], [b, "c"]), "mailboxExists");
        await assertRefused(rename(store, ana, [a, "c"], [a, "d"]), "conflict");
        assert.deepEqual(await namesOf(store, ana), ["Archive", "INBOX", "a", "b"]);
        await rename(store, ana, [a, "b"]);
      }));

    test("a renamed mailbox keeps its messages and UIDVALIDITY", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await apply(store, add(ana, archive));
        const before = await store.mail.loadMailbox(ana, archive);
        await rename(store, ana, [archive, "Old"]);
        const after = await store.mail.loadMailbox(ana, archive);
        assert.deepEqual(after.uids, before.uids);
        assert.deepEqual(after.mailbox, { ...before.mailbox, name: "Old" });
      }));

    test("a mailbox made again under an old name has another UIDVALIDITY and id", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const seen = new Set<string>();
        for (let round = 1; round <= 3; round++) {
          const applied = await apply(store, {
            kind: "mail.mailboxCreate",
            account: ana,
            name: "a",
          });
          const made = resultOf(applied, 0, "mail.mailboxCreate");
          seen.add(`validity ${made.uidValidity}`).add(`id ${made.mailbox}`);
          assert.equal(seen.size, round * 2);
          await remove(store, ana, made.mailbox);
        }
      }));

    test("a deleted mailbox frees what only it held", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await apply(store, add(ana, archive));
        await apply(store, add(ana, archive));
        await apply(store, {
          kind: "mail.messageCopy",
          account: ana,
          from: archive,
          uids: [[uid(1), uid(1)]],
          to: inbox,
        });
        const before = await store.mail.account(ana);
        await remove(store, ana, archive);
        const state = await store.mail.account(ana);
        assert.equal(state.usedBytes, 5);
        assert.equal(state.messageCount, 1);
        await assertRefused(store.mail.loadMailbox(ana, archive), "noSuchMailbox");
        const [entry] = await store.mail.changes(ana, before.modSeq);
        assert.ok(entry?.act.kind === "mailboxDeleted");
        assert.equal(entry.act.row.name, "Archive");
        assert.deepEqual(
          entry.act.copies.map((copy) => [copy.uid, copy.message]),
          [
            [1, 1],
            [2, 2],
          ],
        );
      }));

    test("roles are set, moved and taken away", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const old = await create(store, ana, "Old");
        await assertRefused(setRole(store, ana, old, "archive"), "conflict");
        await setRole(store, ana, archive, undefined);
        await setRole(store, ana, old, "archive");
        const rows = await store.mail.mailboxes(ana);
        assert.deepEqual(
          rows.map((row) => row.role),
          [undefined, "inbox", "archive"],
        );
        const { modSeq: before } = await store.mail.account(ana);
        await setRole(store, ana, old, "archive");
        assert.equal((await store.mail.account(ana)).modSeq, before);
      }));

    test("a name may be subscribed to without existing (RFC 9051 §6.3.7)", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        assert.deepEqual(await store.mail.subscriptions(ana), ["Archive", "INBOX"]);
        const subscribe = (name: string, isSubscribed: boolean) =>
          apply(store, { kind: "mail.subscribe", account: ana, name, isSubscribed });
        await subscribe("Future", true);
        await subscribe("Archive", false);
        const { modSeq: before } = await store.mail.account(ana);
        await subscribe("Future", true);
        await subscribe("Never", false);
        assert.equal((await store.mail.account(ana)).modSeq, before);
        assert.deepEqual(await store.mail.subscriptions(ana), ["Future", "INBOX"]);
      }));

    test("the log of a new account tells all its mailboxes", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const entries = await store.mail.changes(ana, modSeq(0));
        assert.deepEqual(
          entries.map((entry) => entry.act.kind),
          ["mailboxCreated", "subscribed", "mailboxCreated", "subscribed"],
        );
        assert.deepEqual(new Set(entries.map((entry) => entry.actor)), new Set(["test"]));
      }));

    test("annotations are set and removed, go with a new name, and end with the mailbox", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const mailbox = await create(store, ana, "Notes");
        const annotate = (...entries: readonly { name: string; value?: string }[]) =>
          apply(store, { kind: "mail.annotate", account: ana, mailbox, entries });
        const read = async () =>
          (await store.mail.mailboxes(ana)).find((row) => row.id === mailbox)?.annotations;
        assert.equal(await read(), undefined);
        await annotate({ name: "/b", value: "2" }, { name: "/a", value: "\0\xff" });
        await annotate({ name: "/a", value: "1" }, { name: "__proto__", value: "3" });
        await rename(store, ana, [mailbox, "Renamed"]);
        assert.deepEqual(Object.entries((await read()) ?? {}), [
          ["/a", "1"],
          ["/b", "2"],
          ["__proto__", "3"],
        ]);
        const { mailbox: loaded } = await store.mail.loadMailbox(ana, mailbox);
        assert.equal(loaded.annotations?.["/b"], "2");
        await assertRefused(annotate({ name: "/a" }, { name: "/a", value: "4" }), "conflict");
        await annotate({ name: "/a" }, { name: "/b" }, { name: "__proto__" }, { name: "/c" });
        assert.equal(await read(), undefined);
        const before = (await store.mail.account(ana)).modSeq;
        await annotate({ name: "/a" });
        assert.equal((await store.mail.account(ana)).modSeq, before, "nothing changed, no entry");
        const [last] = (await store.mail.changes(ana, modSeq(before - 1))).slice(-1);
        assert.ok(last?.act.kind === "annotated");
        assert.deepEqual(last.act.after, {});
        await annotate({ name: "/a", value: "1" });
        await remove(store, ana, mailbox);
        await assertRefused(annotate({ name: "/a" }), "noSuchMailbox");
      }));

    test("the log is read by mailbox, from a number on, and up to a limit", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        for (let round = 0; round < 3; round++) {
          await apply(store, add(ana, inbox));
          await apply(store, add(ana, archive));
        }
        const numbers = async (since: number, options = {}) =>
          (await store.mail.changes(ana, modSeq(since), options)).map((entry) => entry.modSeq);
        assert.deepEqual(await numbers(1), [2, 3, 4, 5, 6, 7]);
        assert.deepEqual(await numbers(5), [6, 7]);
        assert.deepEqual(await numbers(7), []);
        assert.deepEqual(await numbers(1, { mailbox: archive }), [3, 5, 7]);
        assert.deepEqual(await numbers(1, { mailbox: archive, limit: 2 }), [3, 5]);
        assert.deepEqual(await numbers(1, { limit: 2 }), [2, 3]);
        assert.deepEqual(await numbers(0, { limit: 1 }), [1, 1, 1, 1]);
        assert.deepEqual(await numbers(1, { mailbox: mailboxId(99) }), []);
      }));
  });
}

async function create(store: Store, account: AccountId, name: string, role?: MailboxRole) {
  const optional = role === undefined ? {} : { role };
  const applied = await apply(store, { kind: "mail.mailboxCreate", account, name, ...optional });
  return resultOf(applied, 0, "mail.mailboxCreate").mailbox;
}

function rename(
  store: Store,
  account: AccountId,
  ...pairs: readonly (readonly [mailbox: MailboxId, name: string])[]
) {
  const renames = pairs.map(([mailbox, name]) => ({ mailbox, name }));
  return apply(store, { kind: "mail.mailboxRename", account, renames });
}

function remove(store: Store, account: AccountId, mailbox: MailboxId) {
  return apply(store, { kind: "mail.mailboxDelete", account, mailbox });
}

function setRole(
  store: Store,
  account: AccountId,
  mailbox: MailboxId,
  role: MailboxRole | undefined,
) {
  return apply(store, { kind: "mail.mailboxSetRole", account, mailbox, role });
}

async function namesOf(store: Store, account: AccountId) {
  return (await store.mail.mailboxes(account)).map((row) => row.name);
}
