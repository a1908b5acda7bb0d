import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../base/random.ts";
import { findHostTargets, findTargets, type Targets } from "./find-targets.ts";
import { defaultClientLimits } from "./limits.ts";
import { createFakeResolver, type FakeZone } from "./resolver-fixture.ts";

const optionsOf = (zone: FakeZone, own: readonly string[] = [], seed = 1) => ({
  resolver: createFakeResolver(zone),
  random: seededRandom(seed),
  limits: defaultClientLimits,
  hostName: "mail.golub.test",
  isOwn: ({ address }: { readonly address: string }) => own.includes(address),
});

function show(found: Targets): string {
  if (found.kind === "found") return found.targets.map(({ address }) => address).join(" ");
  const { code, status } = found.facts;
  return `${found.isPermanent ? "failed" : "delayed"} ${code} ${status}`;
}

const mx = (preference: number, exchange: string) => ({ preference, exchange });

test("exchanges come by preference, IPv6 before IPv4 (RFC 5321 §5.1)", async () => {
  const zone = {
    mx: { "d.test": [mx(20, "b.test"), mx(10, "a.test")] },
    a: { "a.test": ["192.0.2.1"], "b.test": ["192.0.2.2", "192.0.2.3"] },
    aaaa: { "a.test": ["2001:db8::1"] },
  };
  const found = await findTargets("d.test", 25, optionsOf(zone));
  assert.equal(show(found), "2001:db8::1 192.0.2.1 192.0.2.2 192.0.2.3");
});

test("exchanges of one preference come in random order", async () => {
  const zone = {
    mx: { "d.test": [mx(10, "a.test"), mx(10, "b.test")] },
    a: { "a.test": ["192.0.2.1"], "b.test": ["192.0.2.2"] },
  };
  const orders = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    orders.add(show(await findTargets("d.test", 25, optionsOf(zone, [], seed))));
  }
  assert.equal(orders.size, 2);
});

test("a domain without exchanges is its own (RFC 5321 §5.1)", async () => {
  const zone = { a: { "d.test": ["192.0.2.1"] } };
  assert.equal(show(await findTargets("d.test", 25, optionsOf(zone))), "192.0.2.1");
});

test("what is not there fails, what could not be asked is delayed", async () => {
  const zone: FakeZone = {
    mx: {
      "null.test": [mx(0, "")],
      "slow.test": "timeout",
      "broken.test": "serverFailure",
      "off.test": "off",
      "dead.test": [mx(1, "nowhere.test")],
      "half.test": [mx(1, "nowhere.test"), mx(2, "slow.test")],
    },
    a: { "slow.test": "timeout", "noaddress.test": "timeout" },
    aaaa: { "empty.test": "noData" },
  };
  const expected = {
    "gone.test": "failed 0 5.1.2",
    "null.test": "failed 556 5.1.10", // RFC 7505 §4.2
    "slow.test": "delayed 0 4.4.3",
    "broken.test": "delayed 0 4.4.3",
    "off.test": "delayed 0 4.4.3",
    "dead.test": "failed 0 5.4.4",
    "half.test": "delayed 0 4.4.3",
    "noaddress.test": "delayed 0 4.4.3",
    "empty.test": "failed 0 5.1.2",
    "[192.0.2.9]": "192.0.2.9",
    "[IPv6:2001:db8::9]": "2001:db8::9",
    "[X-other:1]": "failed 0 5.1.3",
  };
  for (const [destination, outcome] of Object.entries(expected)) {
    assert.equal(show(await findTargets(destination, 25, optionsOf(zone))), outcome, destination);
  }
});

test("exchanges that are no better than ourselves are not tried (RFC 5321 §5.1)", async () => {
  const zone = {
    mx: {
      "name.test": [
        mx(10, "a.test"),
        mx(20, "mail.golub.test"),
        mx(20, "b.test"),
        mx(30, "c.test"),
      ],
      "address.test": [mx(10, "a.test"), mx(20, "us.test"), mx(30, "c.test")],
      "only.test": [mx(10, "us.test"), mx(20, "a.test")],
    },
    a: {
      "a.test": ["192.0.2.1"],
      "b.test": ["192.0.2.2"],
      "c.test": ["192.0.2.3"],
      "us.test": ["203.0.113.9"],
      "direct.test": ["203.0.113.9"],
    },
  };
  const options = optionsOf(zone, ["203.0.113.9"]);
  assert.equal(show(await findTargets("name.test", 25, options)), "192.0.2.1");
  assert.equal(show(await findTargets("address.test", 25, options)), "192.0.2.1");
  assert.equal(show(await findTargets("only.test", 25, options)), "failed 0 5.4.6");
  assert.equal(show(await findTargets("direct.test", 25, options)), "failed 0 5.4.6");
  assert.equal(show(await findTargets("[203.0.113.9]", 25, options)), "failed 0 5.4.6");
});

test("a host named in a route is an address, localhost, or a name; its mistakes only delay", async () => {
  const options = optionsOf({ a: { "relay.test": ["192.0.2.7"] } });
  assert.equal(show(await findHostTargets("192.0.2.8", 2525, options)), "192.0.2.8");
  assert.equal(show(await findHostTargets("2001:db8::8", 25, options)), "2001:db8::8");
  assert.equal(show(await findHostTargets("localhost", 25, options)), "127.0.0.1 ::1");
  assert.equal(show(await findHostTargets("relay.test", 25, options)), "192.0.2.7");
  assert.equal(show(await findHostTargets("typo.test", 25, options)), "delayed 0 4.4.4");
});

test("the number of addresses tried is bounded", async () => {
  const exchanges = Array.from({ length: 50 }, (_, at) => mx(at, `m${at}.test`));
  const a = Object.fromEntries(exchanges.map(({ exchange }) => [exchange, ["192.0.2.1"]]));
  const found = await findTargets("d.test", 25, optionsOf({ mx: { "d.test": exchanges }, a }));
  assert.equal(found.kind === "found" && found.targets.length, defaultClientLimits.targetsMax);
});
