import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromLatin1, fromUtf8 } from "../base/bytes.ts";
import { formatAddress, parseAddressList } from "./addresses.ts";
import type { Address } from "./addresses.ts";
import { parseRawAddresses } from "./grammar/address-list.ts";

const mailbox = (name: string, local: string, domain: string) =>
  ({ kind: "mailbox", name, local, domain }) as const;

const cases: readonly (readonly [string, string, readonly Address[]])[] = [
  ["an address alone", "a@b.hr", [mailbox("", "a", "b.hr")]],
  ["a name of atoms", "Ana Horvat <a@b>", [mailbox("Ana Horvat", "a", "b")]],
  ["a quoted name", '"Horvat, \\"A\\" (x)" <a@b>', [mailbox('Horvat, "A" (x)', "a", "b")]],
  ["a comment as a name", "a@b (Ana (x) \\) H)", [mailbox("Ana (x) ) H", "a", "b")]],
  ["a quoted local part", '"a b.\\"c"@d', [mailbox("", 'a b."c', "d")]],
  ["a quoted local part in brackets", 'X <"a@b"@c>', [mailbox("X", "a@b", "c")]],
  ["a domain literal", "a@[IPv6:::1]", [mailbox("", "a", "[IPv6:::1]")]],
  [
    "an empty and a full group (RFC 5322 §3.4)",
    "x:;, Tim: a@b, B <c@d>; e@f",
    [
      { kind: "group", name: "x", members: [] },
      { kind: "group", name: "Tim", members: [mailbox("", "a", "b"), mailbox("B", "c", "d")] },
      mailbox("", "e", "f"),
    ],
  ],
  [
    "a group never closed",
    "g: a@b",
    [{ kind: "group", name: "g", members: [mailbox("", "a", "b")] }],
  ],
  ["a source route (RFC 5322 §4.4)", "<@x,@y:a@b>", [mailbox("", "a", "b")]],
  ["blanks around dots (RFC 5322 §4.4)", "a . b @ c . d", [mailbox("", "a.b", "c.d")]],
  ["a dot in a name", "Joe Q. Public <a@b>", [mailbox("Joe Q. Public", "a", "b")]],
  ["encoded-words", "=?utf-8?q?=C5=A0?= =?utf-8?q?ime?= <a@b>", [mailbox("Šime", "a", "b")]],
  ["empty members", ",, a@b ,;, c@d,", [mailbox("", "a", "b"), mailbox("", "c", "d")]],
  ["no brackets after a name", "Ana H a@b", [mailbox("Ana H", "a", "b")]],
  ["an address as a name", "a@b <c@d>", [mailbox("a@b", "c", "d")]],
  ["no domain", "root, Ana <ana>", [mailbox("", "root", ""), mailbox("Ana", "ana", "")]],
  [
    "words without an address",
    "Undisclosed recipients",
    [mailbox("", "Undisclosed recipients", "")],
  ],
  ["two at signs", "a@b@c", [mailbox("", "a", "b@c")]],
  ["two at signs in brackets", "<a@b@c>", [mailbox("", "a@b", "c")]],
  ["a bracket never closed", "A <a@b, c@d", [mailbox("A", "a", "b"), mailbox("", "c", "d")]],
  ["a quote never closed", '"A <a@b>', [mailbox("A", "a", "b")]],
  ["a comment never closed", "A (b <a@b>", [mailbox("A b", "a", "b")]],
  ["nothing", " \r\n ", []],
  ["nothing in brackets", "<>", []],
];

for (const [name, text, expected] of cases) {
  test(`address list: ${name}`, () => {
    assert.deepEqual(parseAddressList(text), expected);
    assert.deepEqual(parseAddressList(fromUtf8(text)), expected);
  });
}

test("UTF-8 addresses are read from bytes (RFC 6532 §3.2) and Windows-1252 where they are not UTF-8", () => {
  assert.deepEqual(parseAddressList(fromUtf8("Đorđe <đ@пример.срб>")), [
    mailbox("Đorđe", "đ", "пример.срб"),
  ]);
  assert.deepEqual(parseAddressList(fromLatin1("J\xf6rg <j@b>")), [mailbox("Jörg", "j", "b")]);
});

test("an address list stops at its limit", () => {
  assert.equal(parseAddressList("a@b,".repeat(50), 10).length, 10);
  assert.equal(parseAddressList("g:a@b,c@d;".repeat(50), 10).length, 4);
});

test("a formatted address reads back as it was", () => {
  const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
  const printable = word
    .map((text) =>
      text
        .replace(/[\p{C}\p{Z}\p{M}\u0600-\u06ff]+/gu, " ")
        .trim()
        .toWellFormed(),
    )
    .filter((text) => text !== "");
  const local = fc.string({ minLength: 1, maxLength: 10 }).filter((text) => text.trim() === text);
  fc.assert(
    fc.property(printable, local, (name, localPart) => {
      const address = mailbox(name.replace(/ +/g, " "), localPart, "primjer.hr");
      assert.deepEqual(parseAddressList(formatAddress(address)), [address]);
    }),
  );
});

test("a group is formatted as one, and a name cannot start a header field", () => {
  const group: Address = { kind: "group", name: "tim, a", members: [mailbox("", "a", "b")] };
  assert.equal(formatAddress(group), '"tim, a": a@b;');
  assert.equal(formatAddress(mailbox("x\r\nBcc: y@z", "a", "b")), '"x Bcc: y@z" <a@b>');
  assert.equal(formatAddress(mailbox("", "a\r\nb", "c")), '"a b"@c');
});

test("words that blanks and dots join cost linear time", () => {
  // Copying what was joined so far for each word took seconds here.
  const domain = "a . ".repeat(200_000);
  const [first] = parseAddressList(`x@${domain}`);
  assert.equal(first?.kind === "mailbox" && first.domain.length, 400_000);
  assert.equal(parseAddressList(domain).length, 1);
});

test("hostile lists cost linear work", () => {
  for (const piece of [
    "(",
    '"',
    "\\",
    '\\"',
    "<",
    "@",
    ":",
    ";",
    "a:",
    "[",
    "<a@",
    '"\\"',
    "(\\)",
    ". ",
  ]) {
    const length = 20_000 * piece.length;
    const { steps } = parseRawAddresses(piece.repeat(20_000), 10_000);
    assert.ok(steps <= 4 * length + 10, piece);
  }
});
