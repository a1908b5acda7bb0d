import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action } from "./client/remote-fixture.ts";
import type { Route, Routes } from "./client/routes.ts";
import { createConsignment, createCourierWorld, show } from "./client/courier-fixture.ts";

const relay: Route = { host: "192.0.2.9", port: 25 };
const other: Route = { host: "192.0.2.8", port: 25 };
const routes = (name: string, route: Route): Routes => new Map([[name, route]]);

/** remote.test's exchange at .1, relays at .8 and .9. */
async function createWorld(courier: Readonly<Record<string, Routes>>, script = {}) {
  const world = createCourierWorld({ courier });
  const [direct, relayed, otherwise] = await Promise.all([
    world.remote("192.0.2.1", { script }),
    world.remote("192.0.2.9", { name: "relay.test" }),
    world.remote("192.0.2.8", { name: "other.test" }),
  ]);
  const counts = () => [direct, relayed, otherwise].map(({ messages }) => messages.length);
  return { world, direct, relayed, counts };
}

test("of several routes the recipient's counts, then the sender's, then the provider's", async () => {
  const sender = routes("golub.test", relay);
  const own = await createWorld({ routes: routes("remote.test", other), senderRoutes: sender });
  await own.world.carry(createConsignment());
  assert.deepEqual(own.counts(), [0, 0, 1]);

  const senders = await createWorld({ routes: routes("*", other), senderRoutes: sender });
  await senders.world.carry(createConsignment());
  await senders.world.carry(createConsignment({ message: { sender: "x@elsewhere.test" } }));
  await senders.world.carry(createConsignment({ message: { sender: "" } }));
  assert.deepEqual(senders.counts(), [0, 1, 2]);

  const provider = routes("mx.remote.test", relay);
  const providers = await createWorld({ routes: routes("*", other), providerRoutes: provider });
  await providers.world.carry(createConsignment());
  await providers.world.carry(createConsignment({ destination: "unknown.test" }));
  assert.deepEqual(providers.counts(), [0, 1, 1]);
});

test("a provider is known by whole labels at the end of its best exchange's name", async () => {
  const part = await createWorld({ providerRoutes: routes("remote.test", relay) });
  await part.world.carry(createConsignment());
  assert.deepEqual(part.counts(), [0, 1, 0]);
  const half = await createWorld({ providerRoutes: routes("mote.test", relay) });
  await half.world.carry(createConsignment());
  assert.deepEqual(half.counts(), [1, 0, 0]);
});

const fallback = { providerRoutes: routes("remote.test", { ...relay, isFallback: true }) };

test("a fallback is not used while the provider takes mail", async () => {
  const { world, counts } = await createWorld(fallback);
  await world.carry(createConsignment());
  assert.deepEqual(counts(), [1, 0, 0]);
});

test("a fallback takes whom the provider refused by policy, and nobody else", async () => {
  const { world, relayed } = await createWorld(fallback, {
    RCPT: (line: string): Action | undefined => {
      if (line.includes("<blocked@")) return "550 5.7.1 your address is on our list";
      return line.includes("<bad@") ? "550 5.1.1 no such user" : undefined;
    },
  });
  const to = ["ana@remote.test", "blocked@remote.test", "bad@remote.test"];
  const outcomes = await world.carry(createConsignment({ to }));
  assert.deepEqual(outcomes.map(show), [
    "delivered 250 2.0.0 taken",
    "delivered 250 2.0.0 taken",
    "failed 550 5.1.1 no such user",
  ]);
  assert.deepEqual(
    relayed.messages.map(({ rcpts }) => rcpts),
    [["RCPT TO:<blocked@remote.test>"]],
  );
});

test("a fallback takes mail for a provider that turns us away or cannot be reached", async () => {
  const away = await createWorld(fallback, { greeting: "554 5.7.1 not from there" });
  assert.equal((await away.world.carry(createConsignment()))[0]?.kind, "delivered");
  assert.deepEqual(away.counts(), [0, 1, 0]);

  const dead = createCourierWorld({ courier: fallback });
  const relayed = await dead.remote("192.0.2.9");
  assert.equal((await dead.carry(createConsignment()))[0]?.kind, "delivered");
  assert.equal(relayed.messages.length, 1);
});

test("a fallback is not given what may have arrived, nor mail for a domain without mail", async () => {
  const { world, counts } = await createWorld(
    { routes: routes("*", { ...relay, isFallback: true }) },
    { ".": { kind: "cut" } },
  );
  const [unsure] = await world.carry(createConsignment());
  assert.match(show(unsure), /^delayed 0 4\..*may have arrived/);
  const [nowhere] = await world.carry(createConsignment({ destination: "unknown.test" }));
  assert.match(show(nowhere), /^failed 0 5\.1\.2 /);
  assert.deepEqual(counts(), [0, 0, 0]);
});

test("mail that a fallback cannot take now is tried again later", async () => {
  const { world, relayed } = await createWorld(fallback, { MAIL: "550 5.7.1 blocked" });
  relayed.script = { MAIL: "451 4.3.0 later" };
  assert.match(show((await world.carry(createConsignment()))[0]), /^delayed 451 4\.3\.0 later/);
});
