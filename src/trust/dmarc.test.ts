import assert from "node:assert/strict";
import { test } from "node:test";
import { createOffResolver } from "../net/resolver-off.ts";
import type { StaticName } from "../net/resolver-static.ts";
import { createStaticResolver } from "../net/resolver-static.ts";
import { lines } from "./dkim-fixture.ts";
import type { DkimResult, DkimSignatureJudgement } from "./dkim-verify.ts";
import { acceptsReports, countRows, failureReportReason, reportRow } from "./dmarc-reports.ts";
import { judgeDmarc } from "./dmarc.ts";
import { parseDmarcRecord } from "./dmarc/record.ts";
import { namesToAsk, organizationalDomain, walkTree } from "./dmarc/tree-walk.ts";
import { viewMessage } from "./message-view.ts";
import type { SpfJudgement, SpfResult } from "./spf.ts";

const spf = (result: SpfResult, domain: string): SpfJudgement => ({
  result,
  domain,
  identity: "mailfrom",
  matched: [],
  lookups: 1,
});

const dkim = (result: DkimResult, domain: string): DkimSignatureJudgement => ({
  result,
  domain,
  selector: "s",
  identity: `@${domain}`,
  algorithm: "rsa-sha256",
  signatureStart: "",
  signedNames: ["from"],
  unsignedBodyBytes: 0,
  isTesting: false,
});

/** DNS with policy records by domain, and names that exist. */
function dnsOf(records: Readonly<Record<string, string>>, existing: readonly string[] = []) {
  const zone = new Map<string, StaticName>(existing.map((name) => [name, { a: ["192.0.2.1"] }]));
  for (const [name, text] of Object.entries(records)) zone.set(`_dmarc.${name}`, { txt: [text] });
  return createStaticResolver(zone);
}

const none = spf("none", "");

async function judge(
  from: string,
  records: Readonly<Record<string, string>>,
  found: { spf?: SpfJudgement; dkim?: readonly DkimSignatureJudgement[] } = {},
  existing?: readonly string[],
) {
  const view = viewMessage(lines(...from.split("\n"), "", "x"));
  const identifiers = { spf: found.spf ?? none, dkim: found.dkim ?? [] };
  return judgeDmarc(view, identifiers, dnsOf(records, existing));
}

// RFC 9989 §4.7, §4.8.
test("records are read with their defaults, and faults cost only the tag that has them", () => {
  const plain = parseDmarcRecord("v=DMARC1; p=reject");
  assert.deepEqual(plain, {
    policy: "reject",
    dkimAlignment: "relaxed",
    spfAlignment: "relaxed",
    isTesting: false,
    suffix: "unknown",
    aggregateReportUris: [],
    failureReportUris: [],
    failureOptions: ["0"],
  });
  const full = parseDmarcRecord(
    "v = DMARC1 ; p=Quarantine; sp=none;np=reject; adkim=s; aspf=s; t=y; psd=n; fo=1:d:s; x=y;" +
      " rua=mailto:a@a.example!10m , mailto:b@b.example; ruf=https://r.example/x; pct=50;",
  );
  assert.deepEqual(full, {
    policy: "quarantine",
    subdomainPolicy: "none",
    nonexistentPolicy: "reject",
    dkimAlignment: "strict",
    spfAlignment: "strict",
    isTesting: true,
    suffix: "no",
    aggregateReportUris: ["mailto:a@a.example", "mailto:b@b.example"],
    failureReportUris: ["https://r.example/x"],
    failureOptions: ["1", "d", "s"],
  });
  assert.equal(parseDmarcRecord("v=DMARC1; p=reject; ???; t=y")?.isTesting, true);
  for (const wrong of ["v=dmarc1; p=none", "p=none; v=DMARC1", "v=DMARC10; p=none", "v=spf1"]) {
    assert.equal(parseDmarcRecord(wrong), undefined, wrong);
  }
  // §4.10.1: a wrong policy counts as none where reports are wanted, and as no record elsewhere.
  assert.equal(parseDmarcRecord("v=DMARC1; p=rejcet"), undefined);
  assert.equal(parseDmarcRecord("v=DMARC1; p=rejcet; rua=mailto:a@a.example")?.policy, "none");
  assert.equal(parseDmarcRecord("v=DMARC1;")?.policy, "none");
});

// RFC 9989 §4.10.
test("a walk asks about the name, then about parents of at most seven labels", () => {
  assert.deepEqual(namesToAsk("a.mail.example.com"), [
    "a.mail.example.com",
    "mail.example.com",
    "example.com",
    "com",
  ]);
  assert.deepEqual(namesToAsk("a.b.c.d.e.f.g.h.i.j.mail.example.com"), [
    "a.b.c.d.e.f.g.h.i.j.mail.example.com",
    "g.h.i.j.mail.example.com",
    "h.i.j.mail.example.com",
    "i.j.mail.example.com",
    "j.mail.example.com",
    "mail.example.com",
    "example.com",
    "com",
  ]);
});

test("the organization is what the records on the way say it is", async () => {
  const organizationOf = async (records: Readonly<Record<string, string>>) => {
    const walk = await walkTree(dnsOf(records), "a.mail.example.com");
    assert.ok(walk.kind === "walked");
    return organizationalDomain("a.mail.example.com", walk.found);
  };
  const p = "v=DMARC1; p=none";
  const both = { "mail.example.com": p, "example.com": p };
  assert.equal(await organizationOf(both), "example.com");
  assert.equal(
    await organizationOf({ ...both, "mail.example.com": `${p}; psd=n` }),
    "mail.example.com",
  );
  assert.equal(await organizationOf({ com: `${p}; psd=y` }), "example.com");
  assert.equal(await organizationOf({ "example.com": `${p}; psd=y`, com: p }), "mail.example.com");
  assert.equal(await organizationOf({}), "a.mail.example.com");
});

// RFC 9989 §4.4.
test("a domain of the same organization vouches for the author, unless strictness is asked", async () => {
  const from = "From: Ana <ana@news.example.com>";
  const relaxed = { "example.com": "v=DMARC1; p=reject" };
  const passed = await judge(from, relaxed, { spf: spf("pass", "bounce.example.com") });
  assert.deepEqual(
    [passed.result, passed.alignedSpf, passed.disposition, passed.policy],
    ["pass", "bounce.example.com", "none", "reject"],
  );
  const signed = await judge(from, relaxed, {
    dkim: [dkim("fail", "x.y"), dkim("pass", "example.com")],
  });
  assert.deepEqual([signed.result, signed.alignedDkim], ["pass", ["example.com"]]);
  const strict = { "news.example.com": "v=DMARC1; p=reject; adkim=s; aspf=s" };
  const refused = await judge(from, strict, {
    spf: spf("pass", "example.com"),
    dkim: [dkim("pass", "example.com")],
  });
  assert.deepEqual([refused.result, refused.disposition], ["fail", "reject"]);
  const other = await judge(from, relaxed, { dkim: [dkim("pass", "example.net")] });
  assert.equal(other.result, "fail");
  const neighbour = await judge(
    "From: a@a.co.example",
    { "co.example": "v=DMARC1; p=reject; psd=y" },
    {
      dkim: [dkim("pass", "b.co.example")],
    },
  );
  assert.equal(neighbour.result, "fail");
});

// RFC 6376 §8.2.
test("a signature that leaves the end of the body unsigned vouches for nobody", async () => {
  const short = { ...dkim("pass", "a.example"), unsignedBodyBytes: 1 };
  const record = { "a.example": "v=DMARC1; p=reject" };
  assert.equal((await judge("From: a@a.example", record, { dkim: [short] })).result, "fail");
});

// RFC 9989 §4.10.1.
test("subdomains have the policy for them, those that do not exist their own", async () => {
  const records = { "example.com": "v=DMARC1; p=none; sp=quarantine; np=reject" };
  const there = await judge("From: a@here.example.com", records, {}, ["here.example.com"]);
  assert.deepEqual(
    [there.policy, there.policyTag, there.recordDomain],
    ["quarantine", "sp", "example.com"],
  );
  const nowhere = await judge("From: a@gone.example.com", records);
  assert.deepEqual([nowhere.policy, nowhere.policyTag], ["reject", "np"]);
  const own = await judge("From: a@example.com", records);
  assert.deepEqual([own.policy, own.policyTag], ["none", "p"]);
});

test("an owner who is testing asks for nothing to be done", async () => {
  const judged = await judge("From: a@a.example", { "a.example": "v=DMARC1; p=reject; t=y" });
  assert.deepEqual([judged.result, judged.policy, judged.disposition], ["fail", "reject", "none"]);
});

// RFC 9989 §5.3.1.
test("a message has exactly one author domain, or none", async () => {
  const records = { "a.example": "v=DMARC1; p=reject" };
  for (const from of [
    "Subject: none",
    "From: a@a.example\nFrom: b@b.example",
    "From: a@a.example, b@b.example",
    "From: nobody",
    "From: a@[192.0.2.1]",
  ]) {
    assert.equal((await judge(from, records)).result, "permerror", from);
  }
  const twice = await judge("From: a@a.example, b@A.Example", records);
  assert.deepEqual([twice.result, twice.authorDomain], ["fail", "a.example"]);
  const hidden = await judge('From: "b@b.example" <a@a.example>', records);
  assert.equal(hidden.authorDomain, "a.example");
});

test("without a record there is no verdict, nor with two, nor without DNS", async () => {
  assert.equal((await judge("From: a@a.example", {})).result, "none");
  const view = viewMessage(lines("From: a@a.example", "", "x"));
  const two = createStaticResolver(
    new Map([["_dmarc.a.example", { txt: ["v=DMARC1; p=none", "v=DMARC1; p=reject"] }]]),
  );
  assert.equal((await judgeDmarc(view, { spf: none, dkim: [] }, two)).result, "none");
  const off = await judgeDmarc(view, { spf: none, dkim: [] }, createOffResolver());
  assert.deepEqual([off.result, off.problem], ["temperror", "DNS is off"]);
});

test("what might have passed but for DNS is no failure", async () => {
  const records = { "a.example": "v=DMARC1; p=reject" };
  const from = "From: a@a.example";
  const open = await judge(from, records, { spf: spf("temperror", "a.example") });
  assert.deepEqual([open.result, open.disposition], ["temperror", "none"]);
  const other = await judge(from, records, { dkim: [dkim("temperror", "e.example")] });
  assert.equal(other.result, "fail");
});

const judged = async (text: string, found: Parameters<typeof judge>[2]) => ({
  spf: found?.spf ?? none,
  dkim: { signatures: found?.dkim ?? [], ignoredCount: 0 },
  dmarc: await judge("From: a@a.example", { "a.example": text }, found),
});

// RFC 9990 §3.1.
test("a judged message is a row of a report, where one is wanted; the same rows are counted", async () => {
  const found = { spf: spf("pass", "x.example"), dkim: [dkim("pass", "a.example")] };
  const client = { remoteAddress: "192.0.2.1", sender: "b@X.example" };
  const row = reportRow(
    await judged("v=DMARC1; p=reject; rua=mailto:r@a.example", found),
    client,
    "none",
  );
  assert.deepEqual(row, {
    sourceAddress: "192.0.2.1",
    disposition: "none",
    dkim: "pass",
    spf: "fail",
    headerFrom: "a.example",
    envelopeFrom: "x.example",
    dkimResults: [{ domain: "a.example", selector: "s", result: "pass" }],
    spfResult: { domain: "x.example", result: "pass" },
  });
  assert.equal(reportRow(await judged("v=DMARC1; p=reject", found), client, "none"), undefined);
  assert.ok(row);
  const other = { ...row, sourceAddress: "192.0.2.2" };
  assert.deepEqual(
    countRows([row, other, { ...row }]).map(({ count }) => count),
    [2, 1],
  );
});

// RFC 9991 §3, RFC 9989 §4.7.
test("failure reports are made when their options ask for them", async () => {
  const reason = async (options: string, found: Parameters<typeof judge>[2]) =>
    failureReportReason(
      await judged(`v=DMARC1; p=none; ruf=mailto:r@a.example; ${options}`, found),
    );
  const passing = { dkim: [dkim("pass", "a.example")] };
  assert.equal(await reason("", {}), "dmarc");
  assert.equal(await reason("", passing), undefined);
  assert.equal(await reason("fo=1", passing), "dmarc");
  assert.equal(await reason("fo=d", { dkim: [dkim("fail", "x.example")] }), "dkim");
  assert.equal(await reason("fo=s", { spf: spf("fail", "x.example") }), "spf");
  assert.equal(failureReportReason(await judged("v=DMARC1; p=none; fo=1", {})), undefined);
});

// RFC 9990 §4.
test("reports go to strangers only where they say that they want them", async () => {
  const resolver = createStaticResolver(
    new Map([["a.example._report._dmarc.r.example", { txt: ["v=DMARC1;"] }]]),
  );
  const accepts = (uri: string) => acceptsReports(resolver, "a.example", "a.example", uri);
  assert.equal(await accepts("mailto:x@mail.a.example"), true);
  assert.equal(await accepts("mailto:x@r.example?subject=y"), true);
  assert.equal(await accepts("mailto:x@victim.example"), false);
  assert.equal(await accepts("https://a.example/x"), false);
});
