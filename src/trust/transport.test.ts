import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { test } from "node:test";
import { der } from "../net/der.ts";
import type { TlsaRecord } from "../net/resolver.ts";
import { judgeDane, planDane } from "./dane.ts";
import {
  findMtaStsId,
  formatMtaStsPolicy,
  matchesMtaSts,
  parseMtaStsPolicy,
  resolveMtaSts,
} from "./mta-sts.ts";
import type { CachedMtaStsPolicy, MtaStsPolicy } from "./mta-sts.ts";
import { readSender, rewriteSender } from "./srs.ts";
import { buildTlsReport, findTlsReportUris } from "./tls-rpt.ts";

const nowMs = Date.UTC(2026, 10, 23, 12);
const dayMs = 86_400_000;

// RFC 8461 §3.1.
test("the id of an MTA-STS record is read, where there is exactly one", () => {
  assert.equal(findMtaStsId(["v=STSv1; id=20160831085700Z;", "v=spf1 -all"]), "20160831085700Z");
  assert.equal(findMtaStsId(["v=STSv1; x=1; id=a1"]), "a1");
  for (const records of [
    [],
    ["v=STSv1; id=a", "v=STSv1; id=b"],
    ["v=STSv1; id=a-b"],
    ["v=STSv1"],
  ]) {
    assert.equal(findMtaStsId(records), undefined);
  }
  assert.equal(findMtaStsId([`v=STSv1;${"   ;".repeat(10_000)}`]), undefined);
});

// RFC 8461 §3.2, §4.1.
test("an MTA-STS policy is read, matched and written", () => {
  const text =
    "version: STSv1\r\nmode: enforce\r\nmx: mail.A.example\nmx: *.b.example\r\nfuture: x\r\nmax_age: 604800\r\n";
  const policy = parseMtaStsPolicy(text);
  assert.ok(policy);
  assert.deepEqual(policy, {
    mode: "enforce",
    mx: ["mail.a.example", "*.b.example"],
    maxAgeSeconds: 604_800,
  });
  for (const host of ["Mail.a.example", "mail.a.example.", "x.b.example"]) {
    assert.ok(matchesMtaSts(policy, host), host);
  }
  for (const host of ["a.example", "b.example", "y.x.b.example", "xb.example", "", "mail"]) {
    assert.ok(!matchesMtaSts(policy, host), host);
  }
  assert.deepEqual(parseMtaStsPolicy(formatMtaStsPolicy(policy)), policy);
  const wrong = [
    "",
    "mode: enforce\nmax_age: 1",
    "version: STSv1\nmode: enforce\nmax_age: 1",
    "version: STSv1\nmode: always\nmx: a.example\nmax_age: 1",
    "version: STSv1\nmode: enforce\nmx: a b\nmax_age: 1",
    "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: soon",
    "version: STSv1\nmode: none",
    "version STSv1",
    `version: STSv1\n${"x: y\n".repeat(20_000)}`,
  ];
  for (const each of wrong) assert.equal(parseMtaStsPolicy(each), undefined, each.slice(0, 60));
  const forever = "version: STSv1\nmode: none\nmax_age: 9999999999";
  assert.equal(parseMtaStsPolicy(forever)?.maxAgeSeconds, 31_557_600);
});

// RFC 8461 §3.3, §5.1.
test("a policy is kept while its id is the same, and while nothing better can be had", async () => {
  const policy: MtaStsPolicy = { mode: "enforce", mx: ["mx.a.example"], maxAgeSeconds: 86_400 };
  const cached: CachedMtaStsPolicy = { policy, id: "1", fetchedAtMs: nowMs - 1_000 };
  const asked: string[] = [];
  const serve = (text: string | undefined) => async (url: string) => {
    asked.push(url);
    return text;
  };
  const text = formatMtaStsPolicy({ ...policy, mode: "testing" });
  const resolve = (id: string | undefined, old?: CachedMtaStsPolicy, body?: string, at = nowMs) =>
    resolveMtaSts(
      "a.example",
      id === undefined ? undefined : [`v=STSv1; id=${id}`],
      old,
      serve(body),
      at,
    );
  const same = await resolve("1", cached, text);
  assert.deepEqual([same.kind === "policy" && same.isFresh, asked.length], [false, 0]);
  const fresh = await resolve("2", cached, text);
  assert.equal(fresh.kind === "policy" && fresh.cached.policy.mode, "testing");
  assert.deepEqual(asked, ["https://mta-sts.a.example/.well-known/mta-sts.txt"]);
  const kept = await resolve("2", cached, undefined);
  assert.equal(kept.kind === "policy" && kept.cached.id, "1");
  const without = await resolve(undefined, cached);
  assert.equal(without.kind, "policy");
  const late = nowMs + 2 * dayMs;
  assert.deepEqual(await resolve(undefined, cached, undefined, late), { kind: "none" });
  const broken = await resolve("2", undefined, "no policy");
  assert.deepEqual(broken, { kind: "none", problem: "the policy is malformed" });
});

/** A certificate with the fields that a chain is judged by. */
function certify(
  subject: string,
  issuer: string,
  keys: { publicKey: KeyObject },
  signer: KeyObject,
  options: { isCa?: boolean; names?: readonly string[]; untilMs?: number } = {},
): Uint8Array {
  const name = (text: string) =>
    der.sequence(der.set(der.sequence(der.oid("2.5.4.3"), der.utf8(text))));
  const algorithm = der.sequence(der.oid("1.2.840.10045.4.3.2"));
  const names = (options.names ?? []).map((each) => der.implicit(2, Buffer.from(each)));
  const extensions = [
    ...(options.isCa === true
      ? [
          der.sequence(
            der.oid("2.5.29.19"),
            der.boolean(true),
            der.octets(der.sequence(der.boolean(true))),
          ),
        ]
      : []),
    ...(names.length > 0
      ? [der.sequence(der.oid("2.5.29.17"), der.octets(der.sequence(...names)))]
      : []),
  ];
  const body = der.sequence(
    der.explicit(0, der.integer(Uint8Array.of(2))),
    der.integer(Uint8Array.of(7)),
    algorithm,
    name(issuer),
    der.sequence(der.time(nowMs - dayMs), der.time(options.untilMs ?? nowMs + dayMs)),
    name(subject),
    keys.publicKey.export({ format: "der", type: "spki" }),
    ...(extensions.length > 0 ? [der.explicit(3, der.sequence(...extensions))] : []),
  );
  return der.sequence(body, algorithm, der.bits(sign("sha256", body, signer)));
}

const ec = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const rootKeys = ec();
const hostKeys = ec();
const root = certify("root", "root", rootKeys, rootKeys.privateKey, { isCa: true });
const host = certify("host", "root", hostKeys, rootKeys.privateKey, { names: ["mx.a.example"] });

function tlsa(
  usage: number,
  selector: number,
  matching: number,
  certificate: Uint8Array,
): TlsaRecord {
  const spki = new X509Certificate(certificate).publicKey.export({ format: "der", type: "spki" });
  const content = selector === 0 ? certificate : spki;
  const hashed = (name: string) => createHash(name).update(content).digest();
  const data = matching === 0 ? content : hashed(matching === 1 ? "sha256" : "sha512");
  return { usage, selector, matching, data };
}

// RFC 7672 §3.1.
test("a certificate that a TLSA record names is proved, whatever its name and dates", () => {
  const old = certify("x", "x", hostKeys, hostKeys.privateKey, { untilMs: nowMs - 1 });
  for (const selector of [0, 1]) {
    for (const matching of [0, 1, 2]) {
      const record = tlsa(3, selector, matching, old);
      const judged = judgeDane([tlsa(3, 1, 1, root), record], [old], ["other.example"], nowMs);
      assert.deepEqual(judged, { result: "pass", record: `3 ${selector} ${matching}` });
    }
  }
  assert.equal(
    judgeDane([tlsa(3, 1, 1, root)], [host, root], ["mx.a.example"], nowMs).result,
    "fail",
  );
  assert.equal(judgeDane([tlsa(3, 1, 1, root)], [], [], nowMs).result, "fail");
  assert.equal(judgeDane([tlsa(3, 1, 1, root)], [Buffer.from("x")], [], nowMs).result, "fail");
});

// RFC 7672 §3.1.2, §3.2.2.
test("a trust anchor proves a chain that holds, is valid and is for the host", () => {
  const anchor = [tlsa(2, 0, 1, root)];
  const names = ["a.example", "mx.a.example"];
  assert.equal(judgeDane(anchor, [host, root], names, nowMs).result, "pass");
  const cases: readonly (readonly [readonly Uint8Array[], readonly string[], number, RegExp])[] = [
    [[host], names, nowMs, /no TLSA record fits/],
    [[host, root], ["b.example"], nowMs, /another name/],
    [[host, root], names, nowMs + 3 * dayMs, /not valid now/],
    [[certify("host", "root", hostKeys, hostKeys.privateKey), root], names, nowMs, /does not hold/],
  ];
  for (const [chain, wanted, atMs, problem] of cases) {
    const judged = judgeDane(anchor, chain, wanted, atMs);
    assert.equal(judged.result, "fail");
    assert.match(judged.problem ?? "", problem);
  }
});

// RFC 7672 §2.1, §2.2.
test("TLSA records count only with DNSSEC, and unusable ones still ask for TLS", () => {
  const record = tlsa(3, 1, 1, host);
  const found = (isSecure: boolean, records = [record]) =>
    planDane({ kind: "found", records, ttlSeconds: 60, isSecure }, true);
  assert.deepEqual(found(true), { kind: "authenticate", records: [record] });
  assert.equal(found(false).kind, "none");
  assert.equal(found(true, [{ ...record, usage: 1 }]).kind, "encrypt");
  assert.equal(found(true, [{ ...record, data: Buffer.from("short") }]).kind, "encrypt");
  const none = (failure: "notFound" | "serverFailure" | "off") =>
    planDane({ kind: "none", failure, isSecure: true }, true).kind;
  assert.deepEqual(
    [none("notFound"), none("serverFailure"), none("off")],
    ["none", "unavailable", "none"],
  );
  const insecureHost = planDane(
    { kind: "found", records: [record], ttlSeconds: 1, isSecure: true },
    false,
  );
  assert.equal(insecureHost.kind, "none");
});

// RFC 8460 §3, §4.4.
test("a TLS report sums sessions by policy and failures by what they share", () => {
  const sts = {
    type: "sts",
    text: ["version: STSv1", "mode: testing"],
    domain: "a.example",
    mxHosts: ["*.a.example"],
  } as const;
  const failure = { type: "certificate-expired", receivingHost: "mx.a.example" } as const;
  const none = { type: "no-policy-found", text: [], domain: "a.example", mxHosts: [] } as const;
  const report: unknown = JSON.parse(
    buildTlsReport(
      {
        organization: "Golub",
        contact: "postmaster@golub.example",
        reportId: "2026-11-22T00:00:00Z_a.example",
        startMs: Date.UTC(2026, 10, 22),
        endMs: Date.UTC(2026, 10, 23) - 1_000,
      },
      [
        { policy: sts },
        { policy: sts, failure },
        { policy: { ...sts }, failure },
        { policy: none },
      ],
    ),
  );
  assert.deepEqual(report, {
    "organization-name": "Golub",
    "date-range": {
      "start-datetime": "2026-11-22T00:00:00Z",
      "end-datetime": "2026-11-22T23:59:59Z",
    },
    "contact-info": "postmaster@golub.example",
    "report-id": "2026-11-22T00:00:00Z_a.example",
    policies: [
      {
        policy: {
          "policy-type": "sts",
          "policy-string": ["version: STSv1", "mode: testing"],
          "policy-domain": "a.example",
          "mx-host": ["*.a.example"],
        },
        summary: { "total-successful-session-count": 1, "total-failure-session-count": 2 },
        "failure-details": [
          {
            "result-type": "certificate-expired",
            "receiving-mx-hostname": "mx.a.example",
            "failed-session-count": 2,
          },
        ],
      },
      {
        policy: {
          "policy-type": "no-policy-found",
          "policy-string": [],
          "policy-domain": "a.example",
          "mx-host": [],
        },
        summary: { "total-successful-session-count": 1, "total-failure-session-count": 0 },
      },
    ],
  });
  assert.deepEqual(
    findTlsReportUris([
      "v=TLSRPTv1; rua=mailto:a@a.example, https://r.example/x, ftp://x",
      "v=spf1",
    ]),
    ["mailto:a@a.example", "https://r.example/x"],
  );
  assert.deepEqual(findTlsReportUris(["v=TLSRPTv1; rua=mailto:a", "v=TLSRPTv1; rua=mailto:b"]), []);
});

const srs = { secrets: [Buffer.from("0123456789abcdef")], domain: "golub.example" };

test("a forwarded sender is rewritten and comes back, by one hop or several", () => {
  const rewritten = rewriteSender("ana@a.example", nowMs, srs);
  assert.match(rewritten, /^SRS0=[A-Z2-7]{8}=[A-Z2-7]{2}=a\.example=ana@golub\.example$/);
  const local = rewritten.split("@")[0] ?? "";
  assert.deepEqual(readSender(local, nowMs, srs), { kind: "sender", address: "ana@a.example" });
  assert.equal(readSender(local.toLowerCase(), nowMs, srs).kind, "sender");
  const other = { ...srs, domain: "two.example" };
  const second = rewriteSender(rewritten, nowMs, other);
  assert.match(second, /^SRS1=[A-Z2-7]{8}=golub\.example==[A-Z2-7]{8}=/);
  const third = rewriteSender(second, nowMs, { ...srs, domain: "three.example" });
  assert.match(third, /^SRS1=[A-Z2-7]{8}=golub\.example==[A-Z2-7]{8}=.*@three\.example$/);
  const back = readSender(third.split("@")[0] ?? "", nowMs, srs);
  assert.deepEqual(back, { kind: "sender", address: rewritten });
});

test("rewritten senders expire, cannot be forged, and outlive a new secret", () => {
  const local = rewriteSender("ana@a.example", nowMs, srs).split("@")[0] ?? "";
  assert.equal(readSender(local, nowMs + 21 * dayMs, srs).kind, "sender");
  assert.equal(readSender(local, nowMs + 22 * dayMs, srs).kind, "invalid");
  assert.equal(readSender(local.replace("=ana", "=eve"), nowMs, srs).kind, "invalid");
  assert.equal(readSender("SRS0=x", nowMs, srs).kind, "invalid");
  assert.deepEqual(readSender("ana", nowMs, srs), { kind: "none" });
  const renewed = { ...srs, secrets: [Buffer.from("fedcba9876543210"), ...srs.secrets] };
  assert.equal(readSender(local, nowMs, renewed).kind, "sender");
  for (const sender of ["", "ana@golub.example", "nobody", `${"x".repeat(60)}@a.example`]) {
    assert.equal(rewriteSender(sender, nowMs, srs), sender);
  }
});
