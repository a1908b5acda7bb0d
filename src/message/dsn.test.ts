import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8, utf8 } from "../base/bytes.ts";
import { buildDsn } from "./dsn.ts";
import type { Dsn, DsnRecipient } from "./dsn.ts";
import { findPart } from "./part-path.ts";
import { scanStructure } from "./structure.ts";

const original = fromUtf8("From: ana@golub.example\r\nSubject: hi\r\n\r\nthe body\r\n");
const failed: DsnRecipient = {
  address: "nobody@example.pl",
  originalRecipient: "rfc822;nobody+40example.pl",
  action: "failed",
  status: "5.1.1",
  remoteHost: "mx.example.pl",
  diagnostic: "550-5.1.1 No such user\r\n550 5.1.1 Bcc: here",
  lastAttemptMs: 1_795_590_900_000,
};
const dsn: Dsn = {
  reportingHost: "mx.golub.example",
  from: { kind: "mailbox", name: "Mail delivery", local: "MAILER-DAEMON", domain: "golub.example" },
  to: "ana@golub.example",
  envelopeId: "QQ314159",
  arrivedMs: 1_795_504_500_000,
  recipients: [failed],
  original,
  returns: "headers",
};
const context = {
  nowMs: 1_795_590_900_000,
  messageId: "d@golub.example",
  boundarySeed: "seed0000seed",
};

function build(changes: Partial<Dsn>): {
  text: string;
  part: (path: string) => string;
  types: string[];
} {
  const bytes = buildDsn({ ...dsn, ...changes }, context);
  const structure = scanStructure(bytes);
  const part = (path: string) => {
    const found = findPart(structure, path);
    return found === undefined ? "" : utf8(bytes, found.start, found.end);
  };
  const types = (structure.root.parts ?? []).map(({ type, subtype }) => `${type}/${subtype}`);
  return { text: utf8(bytes), part, types };
}

test("RFC 3464 §2, RFC 6522 §3: a failure has a text, the status of each recipient, and the header", () => {
  const { text, part, types } = build({});
  assert.deepEqual(types, ["text/plain", "message/delivery-status", "text/rfc822-headers"]);
  assert.match(text, /^Content-Type: multipart\/report; report-type=delivery-status;/m);
  assert.match(text, /^Auto-Submitted: auto-replied\r$/m);
  assert.match(
    part("1"),
    /<nobody@example\.pl>\r\ncould not be delivered[^]*550-5\.1\.1 No such user/,
  );
  assert.equal(
    part("2"),
    "Original-Envelope-Id: QQ314159\r\nReporting-MTA: dns; mx.golub.example\r\n" +
      "Arrival-Date: Tue, 24 Nov 2026 07:15:00 +0000\r\n\r\n" +
      "Original-Recipient: rfc822; nobody+40example.pl\r\nFinal-Recipient: rfc822; nobody@example.pl\r\n" +
      "Action: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.example.pl\r\n" +
      "Diagnostic-Code: smtp; 550-5.1.1 No such user 550 5.1.1 Bcc: here\r\n" +
      "Last-Attempt-Date: Wed, 25 Nov 2026 07:15:00 +0000\r\n",
  );
  assert.equal(part("3"), "From: ana@golub.example\r\nSubject: hi\r\n\r\n");
  assert.doesNotMatch(text, /the body/);
});

test("RET=FULL returns the whole message (RFC 3461 §4.3)", () => {
  const { part, types } = build({ returns: "full" });
  assert.equal(types[2], "message/rfc822");
  assert.equal(part("3"), utf8(original));
  assert.equal(part("3.HEADER"), "From: ana@golub.example\r\nSubject: hi\r\n\r\n");
});

test("a delay says until when it will be tried", () => {
  const retryUntilMs = 1_795_950_900_000;
  const { text, part } = build({
    recipients: [{ ...failed, action: "delayed", status: "4.4.1", retryUntilMs }],
  });
  assert.match(text, /^Subject: Mail delivery is delayed\r$/m);
  assert.match(part("2"), /^Will-Retry-Until: Sun, 29 Nov 2026 11:15:00 \+0000\r$/m);
});

test("success, relay and expansion have their own words", () => {
  for (const action of ["delivered", "relayed", "expanded"] as const) {
    const { address } = failed;
    const { text, part } = build({ recipients: [{ address, action, status: "2.0.0" }] });
    assert.match(part("2"), new RegExp(`^Action: ${action}\\r$`, "m"));
    assert.doesNotMatch(text, /undeliver|could not/i);
  }
});

test("RFC 6533 §3: addresses outside ASCII use the global forms", () => {
  const recipients = [{ ...failed, address: "ђорђе@пример.срб", originalRecipient: "utf-8;x" }];
  const { part, text, types } = build({ recipients, returns: "full" });
  assert.deepEqual(types.slice(1), ["message/global-delivery-status", "message/global"]);
  assert.match(text, /report-type=global-delivery-status/);
  assert.match(part("2"), /^Final-Recipient: utf-8; ђорђе@пример\.срб\r$/m);
  assert.match(part("2.MIME"), /Content-Transfer-Encoding: 8bit/);
});

test("8-bit bodies are declared and left alone", () => {
  const eightBit = fromUtf8("Subject: hi\r\n\r\nžuto\r\n");
  const { part, types } = build({ original: eightBit, returns: "full" });
  assert.equal(types[2], "message/rfc822");
  assert.match(part("3.MIME"), /Content-Transfer-Encoding: 8bit/);
  assert.equal(part("3"), utf8(eightBit));
});

test("the remote's words cannot end the report or start a field", () => {
  const diagnostic = "550 x\r\n\r\n--=_seed0000seed--\r\nAction: delivered";
  const { part } = build({ recipients: [{ ...failed, diagnostic }] });
  assert.match(part("2"), /Diagnostic-Code: smtp; 550 x --=_seed0000seed-- Action: delivered\r\n/);
  assert.doesNotMatch(part("2"), /^Action: delivered/m);
});

test("several recipients each have their group of fields", () => {
  const { part } = build({ recipients: [failed, { ...failed, address: "other@example.pl" }] });
  assert.equal(part("2").split("\r\n\r\n").length, 3);
});
