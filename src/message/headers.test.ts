import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, fromUtf8, latin1 } from "../base/bytes.ts";
import { digestMessage } from "./digest.ts";
import { decodedValue, filterHeader, findHeader, findRawValue, readHeader } from "./headers.ts";

const text =
  "Received: a\r\n b\r\nSubject : =?utf-8?q?=C5=A1?=\r\n\tok\r\nnot a field\r\nTo:x@y\r\nTo: z@w\r\n\r\nBody: no\r\n";
const bytes = fromLatin1(text);
const header = readHeader(bytes);

test("fields are found with their offsets, folded lines and all", () => {
  assert.deepEqual(
    header.fields.map(({ name, start, end }) => [name, text.slice(start, end)]),
    [
      ["received", "Received: a\r\n b\r\n"],
      ["subject", "Subject : =?utf-8?q?=C5=A1?=\r\n\tok\r\n"],
      ["to", "To:x@y\r\n"],
      ["to", "To: z@w\r\n"],
    ],
  );
  assert.equal(text.slice(header.bodyStart), "Body: no\r\n");
  assert.equal(header.isTruncated, false);
});

test("a value is unfolded (RFC 5322 §2.2.3) and decoded on request", () => {
  const subject = findHeader(header, "SUBJECT");
  assert.ok(subject);
  assert.equal(findRawValue(header, "Subject"), "=?utf-8?q?=C5=A1?=\tok");
  assert.equal(decodedValue(header, subject), "š\tok");
  assert.equal(findRawValue(header, "received"), "a b");
  assert.equal(findRawValue(header, "to"), "x@y");
  assert.equal(findHeader(header, "body"), undefined);
});

test("HEADER.FIELDS gives the named fields byte for byte (RFC 9051 §6.4.5.1)", () => {
  const only = filterHeader(bytes, header, ["TO", "Subject", "absent"], "only");
  assert.equal(latin1(only), "Subject : =?utf-8?q?=C5=A1?=\r\n\tok\r\nTo:x@y\r\nTo: z@w\r\n\r\n");
  const except = filterHeader(bytes, header, ["to", "subject"], "except");
  assert.equal(latin1(except), "Received: a\r\n b\r\n\r\n");
  assert.equal(latin1(filterHeader(bytes, header, [], "only")), "\r\n");
});

test("a header may end with the bytes, with or without a line end", () => {
  for (const end of ["", "\n", "\r\n"]) {
    const cut = readHeader(fromLatin1(`A: 1\nB: 2${end}`));
    assert.deepEqual(
      cut.fields.map(({ name }) => name),
      ["a", "b"],
    );
    assert.equal(cut.bodyStart, 9 + end.length);
    assert.equal(findRawValue(cut, "b"), "2");
  }
});

test("a field longer than the first look at the bytes is read whole", () => {
  for (const length of [2030, 2048, 5000, 50_000]) {
    const long = readHeader(fromLatin1(`X: ${"y".repeat(length)}\r\nZ: 1\r\n\r\nbody`));
    assert.equal(findRawValue(long, "x")?.length, length);
    assert.equal(findRawValue(long, "z"), "1");
  }
});

test("raw UTF-8 in a header is read as UTF-8, other bytes as Windows-1252", () => {
  const utf = readHeader(fromUtf8("Subject: žuti\r\n\r\n"));
  const [field] = utf.fields;
  assert.ok(field);
  assert.equal(decodedValue(utf, field), "žuti");
  const western = readHeader(fromLatin1("Subject: \xdcbung \x80\0\r\n\r\n"));
  const [other] = western.fields;
  assert.ok(other);
  assert.equal(decodedValue(western, other), "Übung €\ufffd");
});

test("a value that ends in the byte A0 keeps it: it is the end of a letter in UTF-8", () => {
  const french = digestMessage(
    fromUtf8('Subject: voilà\r\nFrom: a@b (Là)\r\nContent-Type: a/b; name=voilà ; x="Là"\r\n\r\n'),
  );
  assert.equal(french.subject, "voilà");
  assert.equal(french.from, "Là <a@b>");
  assert.deepEqual(french.structure.root.params, [
    ["name", "voilà"],
    ["x", "Là"],
  ]);
});

test("only printable ASCII names a field (RFC 5322 §3.6.8)", () => {
  const odd = readHeader(fromLatin1("a b: 1\n: 2\n\xe6: 3\nX-!#: 4\nhttp\t : 5\n\n"));
  assert.deepEqual(
    odd.fields.map(({ name }) => name),
    ["x-!#", "http"],
  );
});
