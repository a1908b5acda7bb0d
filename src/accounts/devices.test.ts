import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import type { Reason } from "../base/faults.ts";
import { scramClient } from "../protocol/sasl-client.ts";
import { authenticate } from "../protocol/sasl.ts";
import { createAuthenticator } from "./authenticator.ts";
import { findDevicePassword } from "./device-password.ts";
import { createDevices } from "./devices.ts";
import { directoryFixture } from "./directory-fixture.ts";

const isRefusal = (reason: Reason) => (error: unknown) =>
  error instanceof Refusal && error.reason === reason;

async function fixtureWithPhone() {
  const fixture = directoryFixture();
  const { directory, passwords, store, random, clock } = fixture;
  await directory.addDomain("example.org");
  const ana = await directory.addAccount({ address: "ana@example.org", password: "zec" });
  const devices = createDevices({ directory, passwords, keyed: store.keyed, random, clock });
  const { login, password } = await devices.add("ana@example.org", "Phone");
  const authenticator = createAuthenticator(directory, passwords, devices.noteUse);
  return { ...fixture, ana, devices, login, password, authenticator };
}

test("a device logs in with its own password, with and without its name", async () => {
  const { authenticator, login, password, ana } = await fixtureWithPhone();
  assert.equal(login, "ana@example.org+phone");
  const expected = { account: ana.id, address: "ana@example.org", device: "phone" };
  const typed = [password, password.toUpperCase(), password.replaceAll("-", " ")];
  for (const name of [login, "ana@example.org", "ana", "ana+phone"]) {
    for (const text of typed) {
      assert.deepEqual(await authenticator.checkPassword(name, text), expected);
    }
  }
  const other = authenticator.checkPassword("ana@example.org+laptop", password);
  await assert.rejects(other, isRefusal("loginFailed"), "it is the password of one device");
});

test("the account's password logs in as before, under each device name", async () => {
  const { authenticator, login } = await fixtureWithPhone();
  assert.equal((await authenticator.checkPassword("ana", "zec")).device, "");
  assert.equal((await authenticator.checkPassword(login, "zec")).device, "phone");
});

test("a password that begins like a device's is not enough", async () => {
  const { authenticator, password } = await fixtureWithPhone();
  const wrong = password.slice(0, -1) + (password.endsWith("a") ? "b" : "a");
  assert.equal(findDevicePassword(wrong)?.id, findDevicePassword(password)?.id);
  await assert.rejects(authenticator.checkPassword("ana", wrong), isRefusal("loginFailed"));
  const stranger = authenticator.checkPassword("ivo@example.org", password);
  await assert.rejects(stranger, isRefusal("loginFailed"));
});

test("a removed device logs in no more, and its name can be given again", async () => {
  const { authenticator, devices, password } = await fixtureWithPhone();
  await authenticator.checkPassword("ana", password);
  await devices.remove("ana@example.org", "phone");
  await assert.rejects(authenticator.checkPassword("ana", password), isRefusal("loginFailed"));
  await assert.rejects(devices.remove("ana@example.org", "phone"), isRefusal("noSuchUser"));
  const again = await devices.add("ana@example.org", "phone");
  assert.notEqual(again.password, password);
  await authenticator.checkPassword("ana", again.password);
});

test("devices outlive a change of the account's password", async () => {
  const { authenticator, directory, password } = await fixtureWithPhone();
  await directory.setPassword("ana@example.org", "vuk");
  assert.equal((await authenticator.checkPassword("ana", password)).device, "phone");
  assert.equal((await authenticator.checkPassword("ana", "vuk")).device, "");
  await assert.rejects(authenticator.checkPassword("ana", "zec"), isRefusal("loginFailed"));
});

test("devices are listed with when they were made and last used, without secrets", async () => {
  const { authenticator, devices, password, clock } = await fixtureWithPhone();
  const madeAtMs = clock.now();
  await clock.advance(5_000);
  await devices.add("ana@example.org", "laptop");
  await authenticator.checkPassword("ana", password);
  assert.deepEqual(await devices.list("ana@example.org"), [
    { name: "laptop", createdAtMs: madeAtMs + 5_000, lastUsedAtMs: undefined },
    { name: "phone", createdAtMs: madeAtMs, lastUsedAtMs: madeAtMs + 5_000 },
  ]);
});

test("two devices that are added at the same time are both there", async () => {
  const { devices } = await fixtureWithPhone();
  await Promise.all(["a", "b", "c"].map((name) => devices.add("ana@example.org", name)));
  const names = (await devices.list("ana@example.org")).map(({ name }) => name);
  assert.deepEqual(names, ["a", "b", "c", "phone"]);
});

test("names that cannot be used, or are used, are refused", async () => {
  const { devices, store } = await fixtureWithPhone();
  const add = (name: string) => devices.add("ana@example.org", name);
  for (const name of ["", "two words", "a+b", "ć"]) {
    await assert.rejects(add(name), isRefusal("syntax"), name);
  }
  await assert.rejects(add("phone"), isRefusal("conflict"));
  await assert.rejects(devices.add("ivo@example.org", "x"), isRefusal("noSuchUser"));
  const account = await store.directory.findAccount("ana@example.org");
  assert.ok(account?.secret.includes("argon2id"));
});

test("no text that is kept has the password of a device in it", async () => {
  const { store, password } = await fixtureWithPhone();
  const account = await store.directory.findAccount("ana@example.org");
  for (const group of password.split("-").slice(1)) {
    assert.ok(!account?.secret.includes(`${group}-`) && !account?.secret.includes(`-${group}`));
  }
});

test("SCRAM proves a device's password under the device's name", async () => {
  const { authenticator, random, login, password } = await fixtureWithPhone();
  const run = (name: string, secret: string) => {
    const client = scramClient({ name, password: secret }, { hash: "SHA-256", random });
    return authenticate(
      {
        mechanism: client.name,
        initialResponse: Buffer.from(client.initial ?? []).toString("base64"),
        ask: async (challenge) =>
          Buffer.from(await client.respond(Buffer.from(challenge, "base64"))).toString("base64"),
      },
      authenticator,
      { random },
    );
  };
  assert.equal((await run(login, password)).device, "phone");
  assert.equal((await run("ana@example.org+laptop", "zec")).device, "laptop");
  assert.equal((await run("ana@example.org", "zec")).device, "");
  await assert.rejects(run("ana@example.org", password), isRefusal("loginFailed"));
});
