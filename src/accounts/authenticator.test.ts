import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import type { Reason } from "../base/faults.ts";
import { scramClient } from "../protocol/sasl-client.ts";
import type { SaslClient } from "../protocol/sasl-client.ts";
import { authenticate } from "../protocol/sasl.ts";
import { createAuthenticator } from "./authenticator.ts";
import { directoryFixture } from "./directory-fixture.ts";

const isRefusal = (reason: Reason) => (error: unknown) =>
  error instanceof Refusal && error.reason === reason;

async function fixtureWithAna() {
  const fixture = directoryFixture();
  const { directory, passwords } = fixture;
  await directory.addDomain("example.org");
  const ana = await directory.addAccount({ address: "ana@example.org", password: "zec \u017e" });
  return { ...fixture, ana, authenticator: createAuthenticator(directory, passwords) };
}

test("the right password gives the login, in any letter case of the name", async () => {
  const { authenticator, ana } = await fixtureWithAna();
  const login = { account: ana.id, address: "ana@example.org", device: "" };
  assert.deepEqual(await authenticator.checkPassword("ana@example.org", "zec \u017e"), login);
  assert.deepEqual(await authenticator.checkPassword("ANA@Example.Org", "zec \u017e"), login);
});

test("a password is the same however its letters are composed", async () => {
  const { authenticator } = await fixtureWithAna();
  await authenticator.checkPassword("ana@example.org", "zec\u00a0z\u030c");
});

test("the localpart alone logs in while there is one domain only", async () => {
  const { authenticator, directory } = await fixtureWithAna();
  await authenticator.checkPassword("ana", "zec \u017e");
  await directory.addDomain("example.net");
  await assert.rejects(authenticator.checkPassword("ana", "zec \u017e"), isRefusal("loginFailed"));
});

test("a device may name itself behind the account, in a form that is no address", async () => {
  const { authenticator, directory, ana } = await fixtureWithAna();
  const deviceOf = async (name: string) => {
    const login = await authenticator.checkPassword(name, "zec \u017e");
    assert.equal(login.account, ana.id);
    assert.equal(login.address, "ana@example.org");
    return login.device;
  };
  assert.equal(await deviceOf("ana@example.org+Phone"), "phone");
  assert.equal(await deviceOf("ana+phone"), "phone");
  const wrong = ["ana+phone@example.org", "ana@example.org+", "ana@example.org+a b", "+phone"];
  for (const name of wrong) {
    await assert.rejects(deviceOf(name), isRefusal("loginFailed"), name);
  }
  await directory.addAccount({ address: "ana+phone@example.org", password: "vuk" });
  const other = await authenticator.checkPassword("ana+phone", "vuk");
  assert.notEqual(other.account, ana.id, "an account of that name comes first");
  await assert.rejects(deviceOf("ana+phone"), isRefusal("loginFailed"));
});

test("a wrong password and an unknown name get the same answer", async () => {
  const { authenticator } = await fixtureWithAna();
  const answers: unknown[] = [];
  for (const name of ["ana@example.org", "ivo@example.org", "x", "", "@", "ana@example.com"]) {
    await assert.rejects(authenticator.checkPassword(name, "wrong"), (error) => {
      answers.push(error instanceof Refusal ? `${error.reason} ${error.text}` : error);
      return true;
    });
  }
  assert.equal(new Set(answers).size, 1);
});

test("a disabled account is named as such only to who knows the password", async () => {
  const { authenticator, directory } = await fixtureWithAna();
  await directory.setEnabled("ana@example.org", false);
  const check = (password: string) => authenticator.checkPassword("ana@example.org", password);
  await assert.rejects(check("wrong"), isRefusal("loginFailed"));
  await assert.rejects(check("zec \u017e"), isRefusal("accountDisabled"));
});

test("a changed password counts at once, the old one no more", async () => {
  const { authenticator, directory } = await fixtureWithAna();
  await authenticator.checkPassword("ana", "zec \u017e");
  await directory.setPassword("ana@example.org", "vuk");
  await authenticator.checkPassword("ana", "vuk");
  await assert.rejects(authenticator.checkPassword("ana", "zec \u017e"), isRefusal("loginFailed"));
});

test("SCRAM proves the same password, and a stable salt is invented for strangers", async () => {
  const { authenticator, random, ana } = await fixtureWithAna();
  const run = (client: SaslClient) =>
    authenticate(
      {
        mechanism: client.name,
        initialResponse: Buffer.from(client.initial ?? []).toString("base64"),
        ask: async (challenge) =>
          Buffer.from(await client.respond(Buffer.from(challenge, "base64"))).toString("base64"),
      },
      authenticator,
      { random },
    );
  for (const hash of ["SHA-1", "SHA-256"] as const) {
    // The client composes the letter another way, and SASLprep makes it the same.
    const good = { name: "ana@example.org", password: "zec z\u030c" };
    assert.equal((await run(scramClient(good, { hash, random }))).account, ana.id);
    for (const bad of [
      { ...good, password: "zec" },
      { ...good, name: "ivo@example.org" },
    ]) {
      await assert.rejects(run(scramClient(bad, { hash, random })), isRefusal("loginFailed"));
    }
    const [one, two] = [
      await authenticator.findScramSecret("ivo@example.org", hash),
      await authenticator.findScramSecret("IVO@example.org", hash),
    ];
    assert.deepEqual(one, two);
    const known = await authenticator.findScramSecret("ana@example.org", hash);
    assert.equal(one.iterations, known.iterations);
    assert.equal(one.salt.length, known.salt.length);
    assert.equal(one.storedKey.length, known.storedKey.length);
  }
});
