import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import { directoryFixture } from "./directory-fixture.ts";
import { createRecipients } from "./recipients.ts";

async function fixture() {
  const { directory, store, clock } = directoryFixture();
  await directory.addDomain("example.org");
  await directory.addDomain("xn--bcher-kva.de");
  for (const name of ["ana", "ivo", "x+y"]) {
    await directory.addAccount({ address: `${name}@example.org`, password: "x" });
  }
  const recipients = createRecipients(directory);
  /** Where an address leads, in short. */
  const lead = async (address: string, from = recipients): Promise<string> => {
    const answer = await from.resolve(address);
    if (answer.kind !== "destinations") return answer.kind;
    return answer.destinations
      .map((to) =>
        to.kind === "remote"
          ? `=> ${to.address}`
          : `${to.account.address}${to.detail === "" ? "" : ` [${to.detail}]`}`,
      )
      .join(", ");
  };
  /** Past the directory's checks, as older data may be. */
  const putRaw = (address: string, targets: readonly string[]) =>
    store.apply({
      actor: "test",
      atMs: clock.now(),
      changes: [{ kind: "directory.aliasPut", address, targets }],
    });
  return { directory, recipients, lead, putRaw };
}

test("an address leads to its account in any letter case and spelling", async () => {
  const { lead } = await fixture();
  assert.equal(await lead("ana@example.org"), "ana@example.org");
  assert.equal(await lead("ANA@EXAMPLE.ORG"), "ana@example.org");
  assert.equal(await lead('"ana"@example.org.'), "ana@example.org");
  assert.equal(await lead("ana@B\u00dccher.de"), "unknown");
  assert.equal(await lead("nobody@example.org"), "unknown");
  assert.equal(await lead("ana@example.com"), "notLocal");
  assert.equal(await lead("ana@[192.0.2.1]"), "notLocal");
  for (const bad of ["", "@", "ana", "@example.org", "ana@", "ana@exa mple.org"]) {
    assert.equal(await lead(bad), "unknown", bad);
  }
});

test("what stands behind the separator is the detail, unless the whole is an account", async () => {
  const { lead, directory } = await fixture();
  assert.equal(await lead("Ana+Lists.Golub@example.org"), "ana@example.org [Lists.Golub]");
  assert.equal(await lead("ana++a+b@example.org"), "ana@example.org [+a+b]");
  assert.equal(await lead("x+y@example.org"), "x+y@example.org");
  assert.equal(await lead("+ana@example.org"), "unknown");
  assert.equal(
    await lead("ana-a@example.org", createRecipients(directory, { separator: "-" })),
    "ana@example.org [a]",
  );
  assert.equal(
    await lead("ana+a@example.org", createRecipients(directory, { separator: "" })),
    "unknown",
  );
});

test("aliases lead on, here and elsewhere, each target once", async () => {
  const { lead, directory } = await fixture();
  await directory.putAlias("sales@example.org", ["ana@example.org", "ivo@example.org"]);
  await directory.putAlias("all@example.org", [
    "sales@example.org",
    "ana@example.org",
    "x@Example.com",
  ]);
  assert.equal(
    await lead("all+q@example.org"),
    "ana@example.org, ivo@example.org, => x@example.com",
  );
});

test("a catch-all takes what is not known, after everything else", async () => {
  const { lead, directory } = await fixture();
  await directory.putAlias("@example.org", ["ivo@example.org"]);
  assert.equal(await lead("who@example.org"), "ivo@example.org");
  assert.equal(await lead("ana+x@example.org"), "ana@example.org [x]");
  assert.equal(await lead("postmaster@example.org"), "ivo@example.org");
});

test("postmaster and abuse always arrive (RFC 5321 §4.5.1, RFC 2142 §4)", async () => {
  const { lead, directory } = await fixture();
  assert.equal(await lead("Postmaster@example.org"), "ana@example.org");
  assert.equal(await lead("abuse@xn--bcher-kva.de"), "ana@example.org");
  assert.equal(await lead("postmaster"), "ana@example.org");
  await directory.putAlias("postmaster@example.org", ["ivo@example.org"]);
  assert.equal(await lead("postmaster@example.org"), "ivo@example.org");
});

test("loops, long chains and too many targets are refused", async () => {
  const { recipients, putRaw } = await fixture();
  await putRaw("a@example.org", ["b@example.org"]);
  await putRaw("b@example.org", ["a@example.org"]);
  await putRaw("@example.org", ["lost@example.org"]);
  for (let at = 0; at < 12; at++) await putRaw(`c${at}@example.org`, [`c${at + 1}@example.org`]);
  await putRaw("c12@example.org", ["ana@example.org"]);
  const many = Array.from({ length: 101 }, (_, at) => `u${at}@example.com`);
  await putRaw("many@example.org", many);
  for (const name of ["a", "unknown", "c0", "many"]) {
    await assert.rejects(
      recipients.resolve(`${name}@example.org`),
      (error) => {
        return error instanceof Refusal && error.reason === "limit";
      },
      name,
    );
  }
  await recipients.resolve("c4@example.org");
});

test("an account may write as each address that leads to it, and as no other", async () => {
  const { recipients, directory } = await fixture();
  await directory.putAlias("sales@example.org", ["ana@example.org", "x@example.com"]);
  const ana = await directory.getAccount("ana@example.org");
  const may = (address: string) => recipients.maySendAs(ana.id, address);
  for (const own of ["ana@example.org", "ANA+x@example.org", "sales@example.org"]) {
    assert.equal(await may(own), true, own);
  }
  for (const other of [
    "ivo@example.org",
    "ana@example.com",
    "x@example.com",
    "",
    "nobody@example.org",
  ]) {
    assert.equal(await may(other), false, other);
  }
  assert.equal(await recipients.isLocalDomain("Example.Org."), true);
  assert.equal(await recipients.isLocalDomain("example.com"), false);
});
