import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../base/bytes.ts";
import { findRawValue, readHeader } from "./headers.ts";
import { formatReceived, formatReturnPath, withProtocol } from "./received.ts";
import type { TraceFacts } from "./received.ts";

const facts: TraceFacts = {
  helo: "mail.primjer.hr",
  address: "192.0.2.10",
  hostName: "mail.primjer.hr",
  by: "mx.golub.example",
  protocol: { base: "smtp", isExtended: true, isTls: true, isAuthenticated: false, isUtf8: false },
  id: "4XyZ-abc_1",
  recipient: "ana@golub.example",
  tls: "TLSv1.3 with TLS_AES_256_GCM_SHA384",
  receivedMs: 1_795_590_900_000,
  zoneMinutes: 60,
};

test("RFC 5321 §4.4: a trace field says from whom, by whom, how, for whom and when", () => {
  assert.equal(
    formatReceived(facts),
    "Received: from mail.primjer.hr (mail.primjer.hr [192.0.2.10])\r\n" +
      "\t(using TLSv1.3 with TLS_AES_256_GCM_SHA384)\r\n" +
      "\tby mx.golub.example with ESMTPS id 4XyZ-abc_1\r\n" +
      "\tfor <ana@golub.example>;\r\n" +
      "\tWed, 25 Nov 2026 08:15:00 +0100\r\n",
  );
});

test("an IPv6 client without a name, several recipients", () => {
  const { hostName: _h, recipient: _r, tls: _t, ...rest } = facts;
  const field = formatReceived({ ...rest, helo: "[IPv6:2001:db8::1]", address: "2001:db8::1" });
  assert.match(field, /^Received: from \[IPv6:2001:db8::1\] \(\[IPv6:2001:db8::1\]\)\r\n\tby /);
  assert.doesNotMatch(field, / for /);
});

test("what the client says cannot forge a clause or a field", () => {
  const field = formatReceived({
    ...facts,
    helo: "x) by evil; \r\nBcc: y",
    recipient: "a>; by evil <b@c",
  });
  const header = readHeader(fromUtf8(`${field}\r\n`));
  assert.equal(header.fields.length, 1);
  assert.match(findRawValue(header, "received") ?? "", /^from xbyevilBcc:y \(mail/);
  assert.doesNotMatch(field, / for /);
});

test("RFC 3848 §1, RFC 6531 §4.3: the with clause", () => {
  const base = { isExtended: true, isTls: false, isAuthenticated: false, isUtf8: false };
  assert.equal(withProtocol({ ...base, base: "smtp", isExtended: false }), "SMTP");
  assert.equal(withProtocol({ ...base, base: "smtp" }), "ESMTP");
  assert.equal(withProtocol({ ...base, base: "smtp", isTls: true }), "ESMTPS");
  assert.equal(withProtocol({ ...base, base: "smtp", isAuthenticated: true }), "ESMTPA");
  const secure = { ...base, isTls: true, isAuthenticated: true };
  assert.equal(withProtocol({ ...secure, base: "smtp" }), "ESMTPSA");
  assert.equal(withProtocol({ ...base, base: "lmtp" }), "LMTP");
  assert.equal(withProtocol({ ...secure, base: "lmtp", isUtf8: true }), "UTF8LMTPSA");
  assert.equal(withProtocol({ ...base, base: "smtp", isUtf8: true }), "UTF8SMTP");
});

test("the empty reverse path is written as such", () => {
  assert.equal(formatReturnPath(""), "Return-Path: <>\r\n");
  assert.equal(formatReturnPath("a@b\r\nX: y"), "Return-Path: <a@bX: y>\r\n");
});
