import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1 } from "../base/bytes.ts";
import { journeyId } from "../base/ids.ts";
import { silentLog } from "../base/log.ts";
import type { Submission } from "../delivery/delivery.ts";
import { createOffResolver } from "../net/resolver-off.ts";
import { createStaticResolver } from "../net/resolver-static.ts";
import type { Resolver } from "../net/resolver.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { createSenderJudge } from "./judge-sender.ts";

const message = fromLatin1(
  "Authentication-Results: MX.example; spf=pass\r\nFrom: ana@a.example\r\n\r\nBok.\r\n",
);
const resolver = createStaticResolver(
  new Map([
    ["a.example", { txt: ["v=spf1 ip4:192.0.2.1 -all"] }],
    ["_dmarc.a.example", { txt: ["v=DMARC1; p=reject"] }],
  ]),
);

function judge(remoteAddress: string, dns: Resolver = resolver, base: "smtp" | "lmtp" = "smtp") {
  const clock = createVirtualClock();
  const options = { resolver: dns, clock, log: silentLog, hostName: "mx.example" };
  const submission: Submission = {
    journey: journeyId("abcdefghijklmnopqrst"),
    sender: "ana@a.example",
    recipients: [],
    parts: [message],
    connection: {
      remoteAddress,
      helo: "mail.a.example",
      protocol: { base, isExtended: true, isTls: false, isAuthenticated: false, isUtf8: false },
      tls: "",
      startedAtMs: 0,
    },
    login: undefined,
    envelopeId: undefined,
    returnContent: "full",
    needsSmtpUtf8: false,
    bodyKind: "7bit",
    steps: [],
    failuresBy: "notice",
  };
  return createSenderJudge(options)(submission, message);
}

test("mail from elsewhere gets our findings, and forged ones are found", async () => {
  const judged = await judge("198.51.100.7");
  assert.match(judged?.fields ?? "", /^Authentication-Results: mx\.example;\r\n/);
  assert.match(judged?.fields ?? "", /spf=fail \(-all\) smtp\.mailfrom=ana@a\.example/);
  assert.match(judged?.fields ?? "", /dmarc=fail \(p=reject dis=reject\) header\.from=a\.example/);
  assert.deepEqual(judged?.forged, [{ ...judged?.forged[0], start: 0, end: 46 }]);
  const { spf, dmarc, from, policy } = judged?.step.facts ?? {};
  assert.deepEqual([spf, dmarc, from, policy], ["fail (a.example)", "fail", "a.example", "reject"]);
});

test("without DNS mail flows and the journey says so", async () => {
  const judged = await judge("198.51.100.7", createOffResolver());
  assert.equal(judged?.fields, "");
  assert.deepEqual(judged?.step.facts, { dns: "off" });
});

test("this machine, and what a filter hands over, is not judged", async () => {
  assert.equal(await judge("127.0.0.1"), undefined);
  assert.equal(await judge("::1"), undefined);
  assert.equal(await judge("198.51.100.7", resolver, "lmtp"), undefined);
});
