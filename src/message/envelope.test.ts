import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, fromUtf8 } from "../base/bytes.ts";
import { formatEnvelope } from "./envelope.ts";
import { readHeader } from "./headers.ts";

const envelope = (text: string) => formatEnvelope(readHeader(fromLatin1(text)));

test("RFC 9051 §7.5.2: the example of the standard", () => {
  const text = [
    "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
    "From: Terry Gray <gray@cac.washington.edu>",
    "Subject: IMAP4rev2 WG mtg summary and minutes",
    "To: imap@cac.washington.edu",
    "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>",
    "Message-Id: <B27397-0100000@cac.washington.ed>",
  ].join("\r\n");
  const gray = '(("Terry Gray" NIL "gray" "cac.washington.edu"))';
  assert.equal(
    envelope(`${text}\r\n\r\n`),
    `("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" ${gray} ` +
      `${gray} ${gray} ((NIL NIL "imap" "cac.washington.edu")) ` +
      '((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) ' +
      'NIL NIL "<B27397-0100000@cac.washington.ed>")',
  );
});

test("absent fields are NIL, empty ones are empty strings", () => {
  assert.equal(envelope("X: y\r\n\r\n"), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
  assert.equal(
    envelope("Date:\r\nSubject: \r\nMessage-ID:\r\nIn-Reply-To:\r\nFrom:\r\n\r\n"),
    '("" "" NIL NIL NIL NIL NIL NIL "" "")',
  );
});

test("sender and reply-to that are absent or empty are as from", () => {
  const a = '((NIL NIL "a" "x"))';
  assert.equal(
    envelope("From: a@x\r\nSender:\r\nReply-To: r@x\r\n\r\n"),
    `(NIL NIL ${a} ${a} ((NIL NIL "r" "x")) NIL NIL NIL NIL NIL)`,
  );
});

test("groups are framed by entries without a host name", () => {
  assert.equal(
    envelope("To: tim: a@x;, b@y\r\n\r\n"),
    '(NIL NIL NIL NIL NIL ((NIL NIL "tim" NIL)(NIL NIL "a" "x")(NIL NIL NIL NIL)(NIL NIL "b" "y")) NIL NIL NIL NIL)',
  );
});

test("quotes are escaped, 8-bit bytes go as literals that count bytes", () => {
  assert.equal(
    formatEnvelope(readHeader(fromUtf8('Subject: a "b" \\c\r\nIn-Reply-To: š\r\n\r\n'))),
    '(NIL "a \\"b\\" \\\\c" NIL NIL NIL NIL NIL NIL {2}\r\n\xc5\xa1 NIL)',
  );
});

test("values are unfolded and not decoded, the first of a field counts, lists are joined", () => {
  assert.equal(
    envelope("Subject: =?utf-8?q?a?=\r\n b\r\nSubject: c\r\nTo: a@x\r\nTo: b@x\r\n\r\n"),
    '(NIL "=?utf-8?q?a?= b" NIL NIL NIL ((NIL NIL "a" "x")(NIL NIL "b" "x")) NIL NIL NIL NIL)',
  );
});
