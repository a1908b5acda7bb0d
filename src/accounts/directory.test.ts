import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import type { Reason } from "../base/faults.ts";
import { directoryFixture } from "./directory-fixture.ts";
import { provision } from "./provision.ts";

const isRefusal =
  (reason: Reason, words = /./) =>
  (error: unknown) =>
    error instanceof Refusal && error.reason === reason && words.test(error.text);

test("a new account has the mailboxes that clients look for", async () => {
  const { directory, store } = directoryFixture();
  await directory.addDomain("Example.ORG.");
  const ana = await directory.addAccount({ address: " Ana@example.org ", password: "golub" });
  assert.equal(ana.address, "ana@example.org");
  const mailboxes = await store.mail.mailboxes(ana.id);
  assert.deepEqual(
    mailboxes.map(({ name, role }) => `${name}: ${role}`).toSorted((a, b) => a.localeCompare(b)),
    [
      "Archive: archive",
      "Drafts: drafts",
      "INBOX: inbox",
      "Junk: junk",
      "Sent: sent",
      "Trash: trash",
    ],
  );
});

test("domains in any script are kept as A-labels", async () => {
  const { directory } = directoryFixture();
  await directory.addDomain("пошта.срб");
  const petar = await directory.addAccount({ address: "Петар@ПОШТА.срб", password: "x" });
  assert.equal(petar.address, "петар@xn--80a1acn3a.xn--90a3ac");
  assert.ok(await directory.hasDomain("xn--80a1acn3a.xn--90a3ac"));
});

test("what cannot be is refused in words that say what to do", async () => {
  const { directory } = directoryFixture();
  await directory.addDomain("example.org");
  await directory.addAccount({ address: "ana@example.org", password: "x" });
  const add = (address: string, password = "x") => directory.addAccount({ address, password });
  await assert.rejects(add("ana@example.org"), isRefusal("conflict", /exists already/));
  await assert.rejects(add("ana"), isRefusal("syntax", /like ana@example.org/));
  await assert.rejects(add("a..b@example.org"), isRefusal("syntax", /dot/));
  await assert.rejects(add("a b@example.org"), isRefusal("syntax"));
  await assert.rejects(add("ivo@example.com"), isRefusal("noSuchUser", /add it first/));
  await assert.rejects(add("ivo@example.org", ""), isRefusal("syntax", /password is empty/));
  await assert.rejects(add("ivo@example.org", "a\nb"), isRefusal("syntax", /control/));
  await assert.rejects(add("ivo@example.org", "x".repeat(1025)), isRefusal("tooLong"));
  await assert.rejects(directory.setQuota("ana@example.org", -1), isRefusal("syntax", /quota/));
  await assert.rejects(directory.setQuota("ivo@example.org", 1), isRefusal("noSuchUser"));
  for (const name of ["", "a b", "127.0.0.1", "[127.0.0.1]", "a..b", "%65xample.org", "a/b"]) {
    await assert.rejects(async () => directory.addDomain(name), isRefusal("syntax"), name);
  }
  const nobody = directory.putAlias("info@example.org", ["nobody@example.org"]);
  await assert.rejects(nobody, isRefusal("noSuchUser", /no account or alias/));
  await assert.rejects(directory.putAlias("info@example.org", []), isRefusal("limit"));
  await assert.rejects(directory.removeDomain("example.org"), isRefusal("conflict"));
});

test("a change is seen by the next lookup, whoever made it", async () => {
  const { directory, store, clock } = directoryFixture();
  assert.equal(await directory.hasDomain("example.org"), false);
  await directory.addDomain("example.org");
  assert.equal(await directory.hasDomain("example.org"), true);
  assert.equal(await directory.findAlias("info@example.org"), undefined);
  const change = {
    kind: "directory.aliasPut",
    address: "info@example.org",
    targets: ["x@example.com"],
  } as const;
  await store.apply({ actor: "another node", atMs: clock.now(), changes: [change] });
  assert.deepEqual((await directory.findAlias("info@example.org"))?.targets, ["x@example.com"]);
});

test("without a hint, a change is seen after a second", async () => {
  const fixture = directoryFixture();
  const { store, clock, passwords } = fixture;
  const deaf = {
    ...store,
    feed: { ...store.feed, watchDirectory: () => ({ [Symbol.dispose]() {} }) },
  };
  const { createDirectory } = await import("./directory.ts");
  const directory = createDirectory(deaf, { clock, passwords, actor: "test" });
  assert.equal(await directory.hasDomain("example.org"), false);
  await fixture.directory.addDomain("example.org");
  assert.equal(await directory.hasDomain("example.org"), false);
  await clock.advance(1_000);
  assert.equal(await directory.hasDomain("example.org"), true);
});

test("the first start makes what is wanted, and the next one changes nothing", async () => {
  const { directory, passwords } = directoryFixture();
  const wanted = {
    domains: ["example.org"],
    accounts: [{ address: "ana@example.net", password: "one" }],
    quotaBytes: 1_000_000,
  };
  assert.deepEqual(await provision(directory, passwords, wanted), {
    domainsAdded: ["example.org", "example.net"],
    accountsAdded: ["ana@example.net"],
    passwordsChanged: [],
  });
  assert.deepEqual(await provision(directory, passwords, wanted), {
    domainsAdded: [],
    accountsAdded: [],
    passwordsChanged: [],
  });
  const changed = { ...wanted, accounts: [{ address: "ana@example.net", password: "two" }] };
  const { passwordsChanged } = await provision(directory, passwords, changed);
  assert.deepEqual(passwordsChanged, ["ana@example.net"]);
});
