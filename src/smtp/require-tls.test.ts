import assert from "node:assert/strict";
import { test } from "node:test";
import { createConsignment, createCourierWorld, show } from "./client/courier-fixture.ts";
import type { RemoteOptions } from "./client/remote-fixture.ts";
import type { SmtpCourierOptions } from "./smtp-courier.ts";
import { playDialogue } from "./server/dialogue.ts";

const message = { isTlsRequired: true } as const;

/** remote.test's exchange at .1, the next at .2, their names vouched for by DNSSEC. */
function createWorld(isSecure = true, courier: Partial<SmtpCourierOptions> = {}) {
  const exchanges = ["one.test", "two.test"];
  return createCourierWorld({
    courier,
    zone: {
      mx: { "remote.test": exchanges.map((exchange, at) => ({ preference: at, exchange })) },
      a: { "one.test": ["192.0.2.1"], "two.test": ["192.0.2.2"] },
      isSecure,
    },
  });
}

const good = (name: string): Omit<RemoteOptions, "network"> => {
  return { name, certificate: [name], extensions: ["REQUIRETLS"] };
};

test("RFC 8689 §4.2.1: a message that needs TLS goes to who proves to be the exchange and promises the same", async () => {
  const world = createWorld();
  const remote = await world.remote("192.0.2.1", good("one.test"));
  assert.equal(
    show((await world.carry(createConsignment({ message })))[0]),
    "delivered 250 2.0.0 taken",
  );
  assert.equal(remote.messages[0]?.mail, "MAIL FROM:<me@golub.test> REQUIRETLS");
  assert.equal(remote.sessions[0]?.isTls, true);
});

test("an exchange without REQUIRETLS is passed over, and when no other has it the message fails", async () => {
  const world = createWorld();
  const without = await world.remote("192.0.2.1", { ...good("one.test"), extensions: [] });
  const able = await world.remote("192.0.2.2", good("two.test"));
  assert.equal((await world.carry(createConsignment({ message })))[0]?.kind, "delivered");
  assert.equal(able.messages.length, 1);
  assert.equal(without.messages.length, 0);

  const alone = createWorld();
  for (const [address, name] of [
    ["192.0.2.1", "one.test"],
    ["192.0.2.2", "two.test"],
  ] as const) {
    await alone.remote(address, { ...good(name), extensions: [] });
  }
  const [outcome] = await alone.carry(createConsignment({ message }));
  assert.match(show(outcome), /^failed 0 5\.7\.30 the message needs REQUIRETLS/);
});

test("nothing is sent to a host whose name or certificate is not proved", async () => {
  const unsigned = createWorld(false);
  const first = await unsigned.remote("192.0.2.1", good("one.test"));
  const [outcome] = await unsigned.carry(createConsignment({ message }));
  assert.match(show(outcome), /^failed 0 5\.7\.30 .*DNSSEC does not vouch/);
  assert.equal(first.sessions.length, 0);

  const forged = createWorld(true, { tls: "off" });
  const second = await forged.remote("192.0.2.1", { ...good("one.test"), isTrusted: false });
  const [delayed] = await forged.carry(createConsignment({ message }));
  assert.equal(delayed?.kind, "delayed");
  assert.equal(second.messages.length, 0);
});

test("a route's host needs no DNSSEC, but REQUIRETLS and a valid certificate like all others", async () => {
  const routes = new Map([["*", { host: "two.test", port: 25, tls: "off" } as const]]);
  const world = createWorld(false, { routes });
  const remote = await world.remote("192.0.2.2", good("two.test"));
  assert.equal((await world.carry(createConsignment({ message })))[0]?.kind, "delivered");
  assert.equal(remote.sessions[0]?.isTls, true);
});

test("what came with REQUIRETLS waits in the queue with it; other mail without", async () => {
  const script = (parameter: string) => `S: 220 *
C: EHLO client.example
S~ 250 STARTTLS
C: STARTTLS
S: 220 *
TLS
C: EHLO client.example
S~ 250 HELP
C: MAIL FROM:<a@client.example>${parameter}
S: 250 *
C: RCPT TO:<b@elsewhere.example>
S: 250 *
C: DATA
S: 354 *
C: .
S: 250 *`;
  for (const [parameter, expected] of [
    [" REQUIRETLS", true],
    ["", undefined],
  ] as const) {
    const options = { hasTls: true, relayFrom: ["192.0.2.7"], from: "192.0.2.7" };
    await using fixture = await playDialogue(script(parameter), options);
    const [entry] = await fixture.store.queue.list();
    assert.equal(entry?.message.isTlsRequired, expected);
  }
});
