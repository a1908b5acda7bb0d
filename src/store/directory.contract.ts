import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accountId } from "../base/ids.ts";
import {
  type MakeStore,
  add,
  apply,
  assertRefused,
  inbox,
  makeAccount,
  startMs,
  withStore,
} from "./contract-fixtures.ts";

/** What every engine promises about domains, accounts and aliases. */
export function describeDirectoryContract(name: string, make: MakeStore): void {
  describe(`${name}: directory`, () => {
    test("domains, accounts and aliases are found and listed in order", () =>
      withStore(make, async (store) => {
        const boris = await makeAccount(store, "boris", 100);
        const ana = await makeAccount(store, "ana");
        await apply(store, { kind: "directory.domainAdd", name: "a.example" });
        const targets = ["ana@example.org", "x@elsewhere.example"];
        await apply(store, { kind: "directory.aliasPut", address: "@a.example", targets });
        const { directory } = store;
        assert.deepEqual(
          (await directory.domains()).map((row) => row.name),
          ["a.example", "example.org"],
        );
        assert.deepEqual(
          (await directory.accounts()).map((row) => row.id),
          [ana, boris],
        );
        assert.deepEqual(await directory.aliases(), [{ address: "@a.example", targets }]);
        assert.deepEqual(await directory.findAlias("@a.example"), {
          address: "@a.example",
          targets,
        });
        assert.equal(await directory.findAlias("x@a.example"), undefined);
        const row = {
          id: boris,
          address: "boris@example.org",
          displayName: "boris",
          secret: "secret",
          quotaBytes: 100,
          isEnabled: true,
          createdAtMs: startMs,
        };
        assert.deepEqual(await directory.findAccount("boris@example.org"), row);
        assert.deepEqual(await directory.findAccountById(boris), row);
        assert.equal(await directory.findAccount("nobody@example.org"), undefined);
        assert.equal(await directory.findAccountById(accountId(99)), undefined);
      }));

    test("what exists cannot be added and what is missing cannot be named", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const targets = ["ana@example.org"];
        await apply(store, { kind: "directory.aliasPut", address: "info@example.org", targets });
        await assertRefused(makeAccount(store), "conflict");
        await assertRefused(makeAccount(store, "info"), "conflict");
        const { apply: write } = store;
        const refused = (change: Parameters<typeof apply>[1], reason: "conflict" | "noSuchUser") =>
          assertRefused(write({ actor: "test", atMs: startMs, changes: [change] }), reason);
        await refused({ kind: "directory.domainAdd", name: "example.org" }, "conflict");
        const address = "ana@example.org";
        await refused({ kind: "directory.aliasPut", address, targets }, "conflict");
        await refused({ kind: "directory.domainRemove", name: "b.example" }, "noSuchUser");
        await refused({ kind: "directory.aliasRemove", address: "x@b.example" }, "noSuchUser");
        const elsewhere = "x@b.example";
        await refused({ kind: "directory.aliasPut", address: elsewhere, targets }, "noSuchUser");
        const account = accountId(ana + 50);
        await refused({ kind: "directory.accountRemove", account }, "noSuchUser");
        await refused({ kind: "directory.accountUpdate", account }, "noSuchUser");
        const more = { displayName: "", secret: "", quotaBytes: 0, mailboxes: [{ name: "INBOX" }] };
        await refused({ kind: "directory.accountAdd", address: elsewhere, ...more }, "noSuchUser");
      }));

    test("a domain with accounts or aliases stays", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const removeDomain = { kind: "directory.domainRemove", name: "example.org" } as const;
        const address = "info@example.org";
        await apply(store, {
          kind: "directory.aliasPut",
          address,
          targets: ["ana@example.org"],
        });
        await assertRefused(apply(store, removeDomain), "conflict");
        await apply(store, { kind: "directory.accountRemove", account: ana });
        await assertRefused(apply(store, removeDomain), "conflict");
        await apply(store, { kind: "directory.aliasRemove", address });
        await apply(store, removeDomain);
        assert.deepEqual(await store.directory.domains(), []);
      }));

    test("an account needs an INBOX, and its mailboxes differ", () =>
      withStore(make, async (store) => {
        await makeAccount(store);
        const account = {
          kind: "directory.accountAdd",
          address: "boris@example.org",
          displayName: "",
          secret: "",
          quotaBytes: 0,
        } as const;
        const without = { ...account, mailboxes: [{ name: "Sent" }] };
        await assertRefused(apply(store, without), "mailboxNameInvalid");
        const twice = { ...account, mailboxes: [{ name: "INBOX" }, { name: "INBOX" }] };
        await assertRefused(apply(store, twice), "mailboxExists");
        assert.equal(await store.directory.findAccount("boris@example.org"), undefined);
        assert.equal((await store.directory.accounts()).length, 1);
      }));

    test("an update changes only what it names", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await apply(store, add(ana, inbox));
        const before = await store.directory.findAccountById(ana);
        await apply(store, { kind: "directory.accountUpdate", account: ana, quotaBytes: 7 });
        await apply(store, { kind: "directory.accountUpdate", account: ana, isEnabled: false });
        assert.deepEqual(await store.directory.findAccountById(ana), {
          ...before,
          quotaBytes: 7,
          isEnabled: false,
        });
        assert.equal((await store.mail.account(ana)).quotaBytes, 7);
        assert.equal((await store.mail.account(ana)).usedBytes, 5);
        await assertRefused(apply(store, add(ana, inbox)), "overQuota");
      }));

    test("an account made again under an old address is another, and empty", () =>
      withStore(make, async (store) => {
        const first = await makeAccount(store);
        await apply(store, add(first, inbox));
        const [, old] = await store.mail.mailboxes(first);
        await apply(store, { kind: "directory.accountRemove", account: first });
        const second = await makeAccount(store);
        assert.notEqual(second, first);
        const [, row] = await store.mail.mailboxes(second);
        assert.equal(row?.totalCount, 0);
        assert.equal(old?.totalCount, 1);
        assert.equal((await store.mail.loadMailbox(second, inbox)).count, 0);
      }));

    test("an alias is replaced by a later one", () =>
      withStore(make, async (store) => {
        await makeAccount(store);
        const address = "info@example.org";
        const put = (targets: readonly string[]) =>
          apply(store, { kind: "directory.aliasPut", address, targets });
        await put(["a@example.org"]);
        await put(["b@example.org", "c@example.org"]);
        const alias = await store.directory.findAlias(address);
        assert.deepEqual(alias?.targets, ["b@example.org", "c@example.org"]);
        await assertRefused(put([]), "syntax");
      }));

    test("the revision rises with directory changes and with nothing else", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const before = await store.directory.revision();
        await apply(store, add(ana, inbox));
        assert.equal(await store.directory.revision(), before);
        await apply(store, { kind: "directory.accountUpdate", account: ana, secret: "new" });
        assert.ok((await store.directory.revision()) > before);
      }));
  });
}
