import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createOffResolver } from "../net/resolver-off.ts";
import { judgeSpf } from "./spf.ts";
import type { ZoneData } from "./zone-fixture.ts";
import { createZoneResolver } from "./zone-fixture.ts";

interface Case {
  readonly helo: string;
  readonly host: string;
  readonly mailfrom: string;
  readonly result: string | readonly string[];
  readonly explanation?: string;
}

interface Group {
  readonly description: string;
  readonly tests: Readonly<Record<string, Case>>;
  readonly zonedata: ZoneData;
}

const groups = JSON.parse(
  readFileSync(new URL("vectors/spf-rfc7208.json", import.meta.url), "utf8"),
) as readonly Group[];
const context = { receiver: "mx.example.org", nowMs: 1_700_000_000_500 };

// RFC 7208 §4 to §7: the suite that its authors keep.
for (const { description, tests, zonedata } of groups) {
  test(`the RFC 7208 suite agrees: ${description}`, async () => {
    const resolver = createZoneResolver(zonedata);
    for (const [name, { helo, host, mailfrom, result, explanation }] of Object.entries(tests)) {
      const query = { remoteAddress: host, helo, sender: mailfrom };
      const judged = await judgeSpf(query, { ...context, resolver });
      const allowed: readonly string[] = typeof result === "string" ? [result] : result;
      const problem = `${name}: ${judged.result}, wanted ${allowed.join(" or ")}`;
      assert.ok(allowed.includes(judged.result), `${problem}: ${JSON.stringify(judged)}`);
      assert.ok(judged.lookups <= 11, name);
      if (explanation === undefined) continue;
      assert.equal(judged.explanation ?? "DEFAULT", explanation, name);
    }
  });
}

test("the RFC 7208 suite is whole", () => {
  assert.equal(groups.flatMap(({ tests }) => Object.keys(tests)).length, 203);
});

const judge = (zone: ZoneData, sender: string, remoteAddress = "192.0.2.1", helo = "h.example") =>
  judgeSpf({ remoteAddress, helo, sender }, { ...context, resolver: createZoneResolver(zone) });

test("the terms that led to a result are told, outermost first", async () => {
  const zone: ZoneData = {
    "a.example": [{ TXT: "v=spf1 a include:b.example -all" }, { A: "192.0.2.9" }],
    "b.example": [{ TXT: "v=spf1 redirect=c.example" }],
    "c.example": [{ TXT: "v=spf1 ip4:192.0.2.0/24 -all" }],
  };
  assert.deepEqual(await judge(zone, "ana@a.example"), {
    identity: "mailfrom",
    domain: "a.example",
    result: "pass",
    matched: ["include:b.example", "redirect=c.example", "ip4:192.0.2.0/24"],
    lookups: 3,
  });
  const failed = await judge(zone, "ana@a.example", "198.51.100.1");
  assert.deepEqual([failed.result, failed.matched], ["fail", ["-all"]]);
});

test("an IPv4 client behind an IPv6 socket is an IPv4 client", async () => {
  const zone: ZoneData = { "a.example": [{ TXT: "v=spf1 ip4:192.0.2.1 -all" }] };
  assert.equal((await judge(zone, "ana@a.example", "::ffff:192.0.2.1")).result, "pass");
});

test("without a sender the HELO name is judged, as its postmaster", async () => {
  const zone: ZoneData = {
    "h.example": [{ TXT: "v=spf1 exists:%{l}.%{o} -all" }],
    "postmaster.h.example": [{ A: "127.0.0.1" }],
  };
  const judged = await judge(zone, "");
  assert.deepEqual([judged.result, judged.identity, judged.domain], ["pass", "helo", "h.example"]);
});

// RFC 8616 §4.
test("a Unicode domain is asked for in A-labels, a Unicode local part matches no macro", async () => {
  const zone: ZoneData = {
    "xn--bcher-kva.example": [{ TXT: "v=spf1 exists:%{l}.x.example include:%{d2}.y.example -all" }],
    "xn--bcher-kva.example.y.example": [{ TXT: "v=spf1 ip4:192.0.2.1" }],
    "žana.x.example": [{ A: "127.0.0.1" }],
  };
  const judged = await judge(zone, "žana@bücher.example");
  assert.deepEqual(judged.matched, ["include:%{d2}.y.example", "ip4:192.0.2.1"]);
  assert.equal(judged.domain, "xn--bcher-kva.example");
});

test("DNS that is off or fails is a temporary error, which says so", async () => {
  const query = { remoteAddress: "192.0.2.1", helo: "h.example", sender: "ana@a.example" };
  const judged = await judgeSpf(query, { ...context, resolver: createOffResolver() });
  assert.equal(judged.result, "temperror");
  assert.equal(judged.problem, "DNS is off for a.example");
});

test("a record that costs too much is refused in few steps", async () => {
  const wide: ZoneData = {
    "a.example": [{ TXT: `v=spf1 ${"a:x.example ".repeat(11)}-all` }, { A: "192.0.2.9" }],
    "x.example": [{ A: "192.0.2.9" }],
    "long.example": [{ TXT: `v=spf1 a:${"/1".repeat(30_000)}` }],
    "slashes.example": [{ TXT: `v=spf1 a:${"/".repeat(16_000)}x` }],
  };
  const judged = await judge(wide, "ana@a.example");
  assert.deepEqual(
    [judged.result, judged.problem],
    ["permerror", "more than 10 terms that ask DNS"],
  );
  assert.equal((await judge(wide, "ana@long.example")).result, "permerror");
  assert.equal((await judge(wide, "ana@slashes.example")).result, "permerror");
});
