import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../base/random.ts";
import type { WireAnswer } from "./dns-fixture.ts";
import { dnsFixture, record } from "./dns-fixture.ts";
import { parseDnsServer, parseResolvConf, reverseName } from "./dns-names.ts";
import { createRealClock } from "./real-clock.ts";
import { createRealNetwork } from "./real-network.ts";
import { createResolverCache } from "./resolver-cache.ts";
import { createOffResolver } from "./resolver-off.ts";
import { createRealResolver } from "./resolver-real.ts";
import { createStaticResolver } from "./resolver-static.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const clock = createRealClock();
const network = createRealNetwork({ clock });
const soa = record("example.org", "soa", "60");

/** Answers by "TYPE name", with the type as number; all else does not exist. */
const zone: Readonly<Record<string, WireAnswer>> = {
  "1 example.org": { answers: [record("example.org", "a", "192.0.2.1")], isAuthentic: true },
  "28 example.org": {
    answers: [record("example.org", "aaaa", "20010db8000000000000000000000001")],
  },
  "15 example.org": {
    answers: [
      record("example.org", "mx", "MX1.example.org"),
      record("example.org", "mx", "mx2.example.org", 60),
    ],
  },
  "15 null.example.org": { answers: [record("null.example.org", "mx", "")] },
  "16 example.org": {
    answers: [record("example.org", "txt", "v=spf1 |-all"), record("example.org", "txt", "other")],
  },
  "16 _dmarc.example.org": { answers: [record("_dmarc.example.org", "txt", "v=DMARC1")] },
  "52 _25._tcp.example.org": { answers: [record("_25._tcp.example.org", "tlsa", "030101aabb")] },
  "12 1.2.0.192.in-addr.arpa": {
    answers: [record("1.2.0.192.in-addr.arpa", "ptr", "Mail.example.org")],
  },
  "1 empty.example.org": { authorities: [soa] },
  "1 xn--bcher-kva.example.org": {
    answers: [record("xn--bcher-kva.example.org", "a", "192.0.2.2")],
  },
  "1 alias.example.org": {
    answers: [
      record("alias.example.org", "cname", "b.example.org", 30),
      record("b.example.org", "cname", "example.org"),
      record("example.org", "a", "192.0.2.1"),
    ],
  },
  "1 far.example.org": { answers: [record("far.example.org", "cname", "example.org")] },
  "1 loop1.example.org": { answers: [record("loop1.example.org", "cname", "loop2.example.org")] },
  "1 loop2.example.org": { answers: [record("loop2.example.org", "cname", "loop1.example.org")] },
  "1 self.example.org": { answers: [record("self.example.org", "cname", "self.example.org")] },
  "1 broken.example.org": { code: 2 },
};

async function fixture(
  answer = (name: string, type: number): WireAnswer | undefined =>
    zone[`${type} ${name}`] ?? { code: 3, authorities: [soa] },
  noise?: (query: Uint8Array) => readonly Uint8Array[],
) {
  const server = await dnsFixture(network, answer, noise);
  const resolver = createRealResolver({
    clock,
    random: seededRandom(9),
    network,
    servers: [server.endpoint],
    limits: { attemptMs: 150, attemptsMax: 2, deadlineMs: 250 },
  });
  return { server, resolver };
}

test("each type of record is read as it is meant", async () => {
  const { server, resolver } = await fixture();
  await using _server = server;
  const found = (records: readonly unknown[], ttlSeconds = 300, isSecure = false) => {
    return { kind: "found", records, ttlSeconds, isSecure };
  };
  assert.deepEqual(await resolver.a("Example.ORG."), found(["192.0.2.1"], 300, true));
  assert.deepEqual(await resolver.aaaa("example.org"), found(["2001:db8::1"]));
  const mx = (exchange: string) => ({ preference: 10, exchange });
  const two = [mx("mx1.example.org"), mx("mx2.example.org")];
  assert.deepEqual(await resolver.mx("example.org"), found(two, 60));
  assert.deepEqual(await resolver.mx("null.example.org"), found([mx("")]));
  assert.deepEqual(await resolver.txt("example.org"), found(["v=spf1 -all", "other"]));
  assert.deepEqual(await resolver.txt("_dmarc.example.org"), found(["v=DMARC1"]));
  const tlsa = { usage: 3, selector: 1, matching: 1, data: Uint8Array.of(0xaa, 0xbb) };
  assert.deepEqual(await resolver.tlsa("_25._tcp.example.org"), found([tlsa]));
  assert.deepEqual(await resolver.ptr("192.0.2.1"), found(["mail.example.org"]));
  assert.deepEqual(await resolver.a("B\u00fccher.example.org"), found(["192.0.2.2"]));
});

test("a name that does not exist is told from one without such a record", async () => {
  const { server, resolver } = await fixture();
  await using _server = server;
  const none = (failure: string) => ({ kind: "none", failure, isSecure: false });
  assert.deepEqual(await resolver.a("nobody.example.org"), none("notFound"));
  assert.deepEqual(await resolver.a("empty.example.org"), none("noData"));
  assert.deepEqual(await resolver.a("broken.example.org"), none("serverFailure"));
  for (const bad of ["", ".", "a..b", "x".repeat(64), `${"x.".repeat(130)}x`, "a\\b", "a b"]) {
    assert.deepEqual(await resolver.a(bad), none("notFound"), bad);
  }
  assert.deepEqual(await resolver.ptr("no address"), none("notFound"));
});

test("CNAMEs are followed within an answer and beyond it, and not for ever", async () => {
  const { server, resolver } = await fixture();
  await using _server = server;
  const alias = await resolver.a("alias.example.org");
  assert.deepEqual(alias.kind === "found" && [alias.records, alias.ttlSeconds], [
    ["192.0.2.1"],
    30,
  ]);
  const far = await resolver.a("far.example.org");
  assert.deepEqual(far.kind === "found" && far.records, ["192.0.2.1"]);
  for (const name of ["loop1.example.org", "self.example.org"]) {
    const loop = await resolver.a(name);
    assert.equal(loop.kind === "none" && loop.failure, "serverFailure");
  }
  assert.ok(server.asked.length < 16);
});

test("what was answered is not asked again, nor is what is being asked", async () => {
  const { server, resolver } = await fixture();
  await using _server = server;
  await Promise.all(Array.from({ length: 20 }, () => resolver.a("example.org")));
  await resolver.a("example.org");
  await resolver.a("nobody.example.org");
  await resolver.a("nobody.example.org");
  assert.deepEqual(server.asked, ["1 example.org", "1 nobody.example.org"]);
});

test("an answer that does not fit is fetched over TCP", async () => {
  const long = Array.from({ length: 30 }, (_, at) =>
    record("example.org", "txt", `${at}`.repeat(90)),
  );
  const { server, resolver } = await fixture();
  await using _server = server;
  await using big = await dnsFixture(network, (_name, _type, isTcp) =>
    isTcp ? { answers: long } : { isTruncated: true },
  );
  const asking = createRealResolver({
    clock,
    random: seededRandom(1),
    network,
    servers: [big.endpoint],
  });
  const answer = await asking.txt("example.org");
  assert.equal(answer.kind === "found" && answer.records.length, 30);
  assert.deepEqual(big.asked, ["16 example.org", "tcp 16 example.org"]);
  void resolver;
});

test("guessed and garbled datagrams are passed over", async () => {
  const { server, resolver } = await fixture(undefined, (query) => {
    const wrongId = Buffer.from(query);
    wrongId.writeUInt16BE(wrongId.readUInt16BE(0) ^ 1, 0);
    wrongId[2] = 0x81;
    return [Buffer.from("garbage"), wrongId, Buffer.from(query)];
  });
  await using _server = server;
  assert.equal((await resolver.a("example.org")).kind, "found");
});

test("the next server is asked when one fails, and silence ends in a timeout", async () => {
  const { server, resolver } = await fixture();
  await using _server = server;
  await using silent = await dnsFixture(network, () => undefined);
  const endpoints = [silent.endpoint, server.endpoint];
  const random = seededRandom(4);
  const limits = { attemptMs: 20, attemptsMax: 2, deadlineMs: 200 };
  const both = createRealResolver({ clock, random, network, servers: endpoints, limits });
  assert.equal((await both.a("example.org")).kind, "found");
  const servers = [silent.endpoint];
  const alone = createRealResolver({ clock, random, network, servers, limits });
  const answer = await alone.a("example.org");
  assert.deepEqual(answer, { kind: "none", failure: "timeout", isSecure: false });
  void resolver;
});

test("a server that cannot even be sent to, as without a network, is one that does not answer", async () => {
  // Nobody may send to everybody: the system refuses the connection at once.
  const servers = [{ address: "255.255.255.255", port: 53 }];
  const limits = { attemptMs: 200, attemptsMax: 2 };
  const options = { clock, random: seededRandom(1), network, servers, limits };
  const answer = await createRealResolver(options).a("example.org");
  assert.ok(answer.kind === "none" && ["serverFailure", "timeout"].includes(answer.failure));
});

test("answers are kept for their time and no longer, and only so many", async () => {
  const virtual = createVirtualClock();
  const cache = createResolverCache<string>(virtual, 2);
  cache.keep("a", "one", 60);
  await virtual.advance(20_500);
  assert.deepEqual(cache.find("a"), { value: "one", ttlSeconds: 40 });
  await virtual.advance(39_500);
  assert.equal(cache.find("a"), undefined);
  for (const key of ["b", "c", "d"]) cache.keep(key, key, 60);
  cache.keep("e", "never", 0);
  assert.deepEqual(
    ["b", "c", "d", "e"].map((key) => cache.find(key)?.value),
    [undefined, "c", "d", undefined],
  );
});

test("servers are read from resolv.conf and from HOST:PORT", () => {
  const text =
    "# comment\nsearch example.org\nnameserver 192.0.2.53\n nameserver ::1\nnameserver x\n";
  assert.deepEqual(parseResolvConf(text), [
    { address: "192.0.2.53", port: 53 },
    { address: "::1", port: 53 },
  ]);
  assert.deepEqual(parseResolvConf(""), [{ address: "127.0.0.1", port: 53 }]);
  assert.deepEqual(parseDnsServer("192.0.2.1:5353"), { address: "192.0.2.1", port: 5353 });
  assert.deepEqual(parseDnsServer("[::1]:5353"), { address: "::1", port: 5353 });
  assert.deepEqual(parseDnsServer("192.0.2.1"), { address: "192.0.2.1", port: 53 });
  for (const bad of ["", "dns.example.org", "1.2.3:53", "192.0.2.1:0", "192.0.2.1:65536"]) {
    assert.throws(() => parseDnsServer(bad), /is no DNS server/);
  }
  const nibbles = `1.${"0.".repeat(23)}8.b.d.0.1.0.0.2`;
  assert.equal(reverseName("2001:db8::1"), `${nibbles}.ip6.arpa`);
});

test("a resolver that is off says so, and one of data answers from it", async () => {
  const off = { kind: "none", failure: "off", isSecure: false };
  assert.deepEqual(await createOffResolver().mx("example.org"), off);
  const resolver = createStaticResolver(
    new Map([
      ["example.org", { a: ["192.0.2.1"], isSecure: true }],
      ["www.example.org", { cname: "example.org" }],
      ["round.example.org", { cname: "round.example.org" }],
      ["slow.example.org", { failure: "timeout" as const }],
      ["192.0.2.1", { ptr: ["example.org"] }],
    ]),
  );
  const found = { kind: "found", records: ["192.0.2.1"], ttlSeconds: 3_600, isSecure: true };
  assert.deepEqual(await resolver.a("WWW.example.org."), found);
  const failure = async (answer: ReturnType<typeof resolver.a>) => {
    const given = await answer;
    return given.kind === "none" && given.failure;
  };
  assert.equal(await failure(resolver.a("nobody.example.org")), "notFound");
  assert.equal(await failure(resolver.aaaa("example.org")), "noData");
  assert.equal(await failure(resolver.a("slow.example.org")), "timeout");
  assert.equal(await failure(resolver.a("round.example.org")), "serverFailure");
  assert.equal((await resolver.ptr("192.0.2.1")).kind, "found");
});
