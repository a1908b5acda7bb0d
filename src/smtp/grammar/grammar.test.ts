import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromLatin1, fromUtf8 } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import { parseCommandLine } from "./command.ts";
import { parseMailArgument, parseRcptArgument } from "./envelope.ts";
import { parseAddressLiteral } from "./literal.ts";
import { formatLocalPart, parseMailbox, parsePath } from "./path.ts";
import { SmtpRefusal } from "./refusals.ts";
import { formatReply, joinReplyLines, parseReplyLine, reply } from "./reply.ts";
import { formatXtext, parseXtext } from "./xtext.ts";

const refusedWith = (code: number, status: string) => (error: unknown) =>
  error instanceof SmtpRefusal && error.code === code && error.status === status;

test("a verb ends at a space or at the end, in any letter case", () => {
  assert.deepEqual(parseCommandLine(fromLatin1("mail FROM:<> ")), {
    verb: "MAIL",
    argument: "FROM:<>",
  });
  assert.equal(parseCommandLine(fromLatin1("QUITE")).verb, "QUITE");
  assert.equal(parseCommandLine(fromLatin1("")).verb, "");
  assert.equal(parseCommandLine(fromUtf8("VRFY é")).argument, "é");
});

test("control characters and broken UTF-8 in commands are refused", () => {
  for (let byte = 0; byte < 256; byte++) {
    const line = Uint8Array.of(0x41, 0x20, byte);
    const isBad = (byte < 0x20 && byte !== 9) || byte === 0x7f || byte >= 0x80;
    if (isBad) assert.throws(() => parseCommandLine(line), Refusal, String(byte));
    else parseCommandLine(line);
  }
});

test("RFC 5321 §4.1.2: paths in canonical form", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["<ana@example.org>", "ana@example.org"],
    ["<Ana@EXAMPLE.Org>", "Ana@example.org"],
    ['<"ana"@example.org>', "ana@example.org"],
    ['<"a b\\"c"@example.org>', '"a b\\"c"@example.org'],
    ['<"a>b"@example.org>', '"a>b"@example.org'],
    ['<"a@b"@example.org>', '"a@b"@example.org'],
    ["<@relay.example,@b.example:ana@example.org>", "ana@example.org"],
    ["<ana@[192.0.2.1]>", "ana@[192.0.2.1]"],
    ["<ana@[IPv6:2001:db8::1]>", "ana@[IPv6:2001:db8::1]"],
    ["<ana@münchen.example>", "ana@xn--mnchen-3ya.example"],
    ["<đorđe@example.org>", "đorđe@example.org"],
  ];
  for (const [text, address] of cases) {
    const path = parsePath(text)?.path;
    assert.equal(path?.kind === "mailbox" ? path.address : path?.kind, address, text);
  }
  assert.equal(parsePath("<>")?.path.kind, "null");
  assert.equal(parsePath("<postMASTER>")?.path.kind, "postmaster");
});

test("what is not a path is refused", () => {
  const bad = [
    "ana@example.org",
    "<ana@example.org",
    "<ana>",
    "<@example.org>",
    "<ana@>",
    "<.ana@example.org>",
    "<a..b@example.org>",
    "<ana @example.org>",
    "<ana@exa mple.org>",
    "<ana@example..org>",
    "<ana@-example.org>",
    "<ana@[300.1.1.1]>",
    "<ana@[IPv6:1::2::3]>",
    '<"ana@example.org>',
    '<"a"b@example.org>',
    `<${"a".repeat(300)}@example.org>`,
    `<a@${"b".repeat(64)}.org>`,
    `<a@${"b.".repeat(200)}org>`,
  ];
  for (const text of bad) assert.equal(parsePath(text), undefined, text);
});

test("a local part survives quoting and reading again", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0x20, max: 0x2ff }), { minLength: 1, maxLength: 40 }),
      (codes) => {
        const text = String.fromCodePoint(...codes.filter((code) => code !== 0x7f));
        const quoted = `${formatLocalPart(text)}@example.org`;
        const parsed = parseMailbox(quoted);
        if (text === "") return;
        assert.equal(parsed?.localPart, text);
        assert.equal(parsed?.address, quoted);
      },
    ),
  );
});

test("address literals of RFC 5321 §4.1.3", () => {
  for (const good of [
    "1::",
    "::",
    "::1",
    "1:2:3:4:5:6:7:8",
    "::ffff:192.0.2.1",
    "1:2:3:4:5:6:1.2.3.4",
  ]) {
    assert.equal(parseAddressLiteral(`[IPv6:${good}]`)?.kind, "ipv6", good);
  }
  for (const bad of [
    "1",
    "1:2:3:4:5:6:7:8:9",
    "1:::2",
    "12345::",
    "1:2:3:4:5:6:7:1.2.3.4",
    ":1::",
    "",
  ]) {
    assert.equal(parseAddressLiteral(`[IPv6:${bad}]`), undefined, bad);
  }
  assert.equal(parseAddressLiteral("[01.2.3.4]"), undefined);
});

test("MAIL with every parameter", () => {
  const mail = parseMailArgument(
    "FROM:<ana@example.org> SIZE=1000 body=8bitmime RET=HDRS ENVID=a+2Bb AUTH=<> SMTPUTF8",
  );
  assert.equal(mail.sizeBytes, 1000);
  assert.equal(mail.bodyKind, "8bitmime");
  assert.equal(mail.returnContent, "headers");
  assert.equal(mail.envelopeId, "a+b");
  assert.equal(mail.submitter, "");
  assert.equal(mail.isUtf8, true);
});

test("bad MAIL and RCPT arguments have their own codes", () => {
  const mail: readonly (readonly [string, number, string])[] = [
    ["", 501, "5.5.4"],
    ["FROM:", 501, "5.1.7"],
    ["FROM:ana@example.org", 501, "5.1.7"],
    ["FROM:<ana@example.org>SIZE=1", 501, "5.5.4"],
    ["FROM:<ana@example.org> SIZE=x", 501, "5.5.4"],
    ["FROM:<ana@example.org> SIZE=1 SIZE=1", 501, "5.5.4"],
    ["FROM:<ana@example.org> BODY=9BIT", 501, "5.5.4"],
    ["FROM:<ana@example.org> ENVID=a+2", 501, "5.5.4"],
    ["FROM:<ana@example.org> FOO=1", 555, "5.5.4"],
    ["FROM:<đ@example.org>", 553, "5.6.7"],
  ];
  for (const [text, code, status] of mail) {
    assert.throws(() => parseMailArgument(text), refusedWith(code, status), text);
  }
  assert.throws(() => parseRcptArgument("TO:<>"), refusedWith(501, "5.1.3"));
  assert.throws(
    () => parseRcptArgument("TO:<a@b> NOTIFY=NEVER,SUCCESS"),
    refusedWith(501, "5.5.4"),
  );
  assert.throws(() => parseRcptArgument("TO:<a@b> ORCPT=a@b"), refusedWith(501, "5.5.4"));
});

test("RFC 3461 §4: NOTIFY and ORCPT", () => {
  const rcpt = parseRcptArgument(
    "TO: <b@example.org> NOTIFY=delay,FAILURE ORCPT=rfc822;b+2Bc@x.org",
  );
  assert.deepEqual(rcpt.notify, ["delay", "failure"]);
  assert.equal(rcpt.originalRecipient, "rfc822;b+2Bc@x.org");
  assert.deepEqual(parseRcptArgument("TO:<b@x.org> NOTIFY=NEVER").notify, []);
});

test("xtext goes there and back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString("latin1");
      assert.equal(parseXtext(formatXtext(text)), text);
    }),
  );
  for (const bad of ["a b", "a=b", "+2", "+2b", "é"]) assert.equal(parseXtext(bad), undefined);
});

test("replies go there and back, and nothing in a text can end a line", () => {
  const wire = formatReply(reply(550, "5.1.1", "No such user: a\r\n250 Ok", "second"));
  assert.equal(wire, "550-5.1.1 No such user: a??250 Ok\r\n550 5.1.1 second\r\n");
  const lines = wire.split("\r\n").slice(0, -1).map(parseReplyLine);
  const joined = joinReplyLines(lines.filter((line) => line !== undefined));
  assert.deepEqual(joined, {
    code: 550,
    status: "5.1.1",
    lines: ["No such user: a??250 Ok", "second"],
  });
  assert.ok(formatReply(reply(250, undefined, "x".repeat(2000))).length <= 512);
});

test("reply lines of remotes: code alone is a last line, other forms are not replies", () => {
  assert.deepEqual(parseReplyLine("250"), { code: 250, isLast: true, text: "" });
  assert.equal(parseReplyLine("250-a")?.isLast, false);
  for (const bad of ["", "25", "650 a", "250a", "abc", "1000 a"]) {
    assert.equal(parseReplyLine(bad), undefined, bad);
  }
  const odd = joinReplyLines([
    { code: 250, isLast: false, text: "2.0.0 a" },
    { code: 250, isLast: true, text: "b" },
  ]);
  assert.deepEqual(odd, { code: 250, status: undefined, lines: ["2.0.0 a", "b"] });
});
