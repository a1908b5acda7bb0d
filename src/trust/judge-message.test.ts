import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, fromLatin1 } from "../base/bytes.ts";
import { createOffResolver } from "../net/resolver-off.ts";
import type { StaticName } from "../net/resolver-static.ts";
import { createStaticResolver } from "../net/resolver-static.ts";
import type { Resolver } from "../net/resolver.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { formatAuthenticationResults } from "./authentication-results.ts";
import { lines, rsaKey } from "./dkim-fixture.ts";
import { dkimRecord } from "./dkim-keys.ts";
import { signDkim } from "./dkim-sign.ts";
import { createDnsBudget } from "./dns-budget.ts";
import { judgeIprev } from "./iprev.ts";
import { judgeMessage } from "./judge-message.ts";
import { messageResults } from "./message-results.ts";
import { viewMessage } from "./message-view.ts";

const key = rsaKey();
const { name, text } = dkimRecord(key);
const zone = new Map<string, StaticName>([
  ["a.example", { txt: ["v=spf1 ip4:192.0.2.0/24 -all"], a: ["192.0.2.1"] }],
  ["_dmarc.a.example", { txt: ["v=DMARC1; p=reject"] }],
  [name, { txt: [text] }],
  ["192.0.2.1", { ptr: ["mail.a.example"] }],
  ["mail.a.example", { a: ["192.0.2.1"] }],
  ["192.0.2.2", { ptr: ["liar.example"] }],
]);
const clock = createVirtualClock();
const plain = lines("From: ana@a.example", "Subject: Zdravo", "", "Bok.");
const message = concat([
  fromLatin1(signDkim(viewMessage(plain), [key], { nowMs: clock.now() })),
  plain,
]);
const query = {
  remoteAddress: "192.0.2.1",
  helo: "mail.a.example",
  sender: "ana@a.example",
  message,
};
const judge = (resolver: Resolver, more: object = {}) =>
  judgeMessage({ ...query, ...more }, { resolver, clock, receiver: "mx.example" });

// RFC 6008 §4, RFC 8601 §2.7.
test("one judgement says all that is known of a message, as data and as a field", async () => {
  const judged = await judge(createStaticResolver(zone));
  assert.deepEqual(
    [judged.spf.result, judged.dkim.signatures[0]?.result, judged.dmarc.result, judged.arc.result],
    ["pass", "pass", "pass", "none"],
  );
  assert.deepEqual(judged.iprev, { result: "pass", names: ["mail.a.example"] });
  assert.deepEqual(judged.dns, { questions: 6, isExceeded: false, isOff: false, elapsedMs: 0 });
  assert.deepEqual(JSON.parse(JSON.stringify(judged)), judged);
  const signature = judged.dkim.signatures[0]?.signatureStart ?? "";
  const quoted = /[/=]/.test(signature) ? `"${signature}"` : signature;
  const field = formatAuthenticationResults("mx.example", messageResults(judged, query));
  assert.equal(
    field.replace(/\r\n\t/g, " "),
    "Authentication-Results: mx.example; iprev=pass (mail.a.example) policy.iprev=192.0.2.1;" +
      " spf=pass (ip4:192.0.2.0/24) smtp.mailfrom=ana@a.example; dkim=pass (2048-bit key)" +
      ` header.d=a.example header.s=r1 header.a=rsa-sha256 header.b=${quoted};` +
      " dmarc=pass (p=reject dis=none) header.from=a.example\r\n",
  );
});

test("a forger fails, and what the owner asks is said", async () => {
  const judged = await judge(createStaticResolver(zone), {
    remoteAddress: "198.51.100.1",
    message: plain,
  });
  assert.deepEqual([judged.spf.result, judged.dmarc.result], ["fail", "fail"]);
  assert.equal(judged.dmarc.disposition, "reject");
});

test("without DNS every check that needs it says so", async () => {
  const judged = await judge(createOffResolver());
  const { spf, dkim, dmarc, iprev } = judged;
  for (const { result, problem } of [spf, dkim.signatures[0], dmarc, iprev].map((one) => ({
    result: one?.result,
    problem: one?.problem,
  }))) {
    assert.equal(result, "temperror");
    assert.match(problem ?? "", /DNS is off/);
  }
  assert.deepEqual([dmarc.disposition, judged.dns.isOff], ["none", true]);
});

test("DNS that never answers ends at the deadline, not later", async () => {
  const silent = new Promise<never>(() => undefined);
  const never = () => silent;
  const resolver = { mx: never, a: never, aaaa: never, txt: never, ptr: never, tlsa: never };
  const pending = judge(resolver);
  await clock.advance(10_000);
  const judged = await pending;
  assert.deepEqual([judged.spf.result, judged.dmarc.result], ["temperror", "temperror"]);
  assert.deepEqual([judged.dns.isExceeded, judged.dns.elapsedMs], [true, 10_000]);
});

test("a budget asks each question once and no more than it may", async () => {
  let asked = 0;
  const counting: Resolver = {
    ...createStaticResolver(zone),
    a: async () => (asked++, { kind: "none", failure: "notFound", isSecure: false }),
  };
  using budget = createDnsBudget(counting, clock, { questionsMax: 3, deadlineMs: 1_000 });
  for (const each of ["a", "a", "b", "c", "d", "a"]) await budget.resolver.a(each);
  assert.deepEqual([asked, budget.questions(), budget.isExceeded()], [3, 3, true]);
});

// RFC 8601 §3.
test("an address with a name that points back is known, others are told apart", async () => {
  const resolver = createStaticResolver(zone);
  assert.equal((await judgeIprev("192.0.2.2", resolver)).result, "fail");
  assert.equal((await judgeIprev("192.0.2.3", resolver)).result, "permerror");
  assert.equal((await judgeIprev("nowhere", resolver)).result, "permerror");
  assert.equal((await judgeIprev("192.0.2.3", createOffResolver())).result, "temperror");
});

test("a record that leads to hundreds of questions ends within the budget", async () => {
  const bomb = new Map<string, StaticName>([
    ["a.example", { txt: [`v=spf1 ${"mx:m.example ".repeat(9)}ptr -all`] }],
    [
      "m.example",
      {
        mx: Array.from({ length: 10 }, (_, at) => ({ preference: at, exchange: `h${at}.example` })),
      },
    ],
    ["192.0.2.1", { ptr: Array.from({ length: 500 }, (_, at) => `p${at}.example`) }],
  ]);
  const judged = await judge(createStaticResolver(bomb));
  assert.equal(judged.spf.result, "permerror");
  assert.ok(judged.dns.questions < 40, String(judged.dns.questions));
});
