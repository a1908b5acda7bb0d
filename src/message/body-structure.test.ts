import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1 } from "../base/bytes.ts";
import { formatBodyStructure } from "./body-structure.ts";
import { scanStructure } from "./structure.ts";

const wire = (text: string, isExtended: boolean) =>
  formatBodyStructure(scanStructure(fromLatin1(text.replaceAll("\n", "\r\n"))), isExtended);

test("a text has its size in bytes and lines, and a charset (RFC 9051 §7.5.2)", () => {
  assert.equal(
    wire("X: y\n\none\ntwo\n", false),
    '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 2)',
  );
  assert.equal(
    wire("Content-Type: text/html; charset=utf-8\n\n", true),
    '("text" "html" ("charset" "utf-8") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)',
  );
});

test("extension data: MD5, disposition (RFC 2183 §2), language, location", () => {
  assert.equal(
    wire(
      'Content-Type: image/png; name="a b"\nContent-ID: <i@x>\nContent-Description: d\nContent-MD5: m\n' +
        "Content-Disposition: inline; filename=f\nContent-Language: hr, pl\nContent-Location: l\n\nx",
      true,
    ),
    '("image" "png" ("name" "a b") "<i@x>" "d" "7bit" 1 "m" ("inline" ("filename" "f")) ("hr" "pl") "l")',
  );
});

test("a multipart is its parts and its subtype", () => {
  const text =
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\na\n--b\nContent-Type: a/b\n\n--b--\n";
  const parts = [
    '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0',
    '("a" "b" NIL NIL NIL "7bit" 0',
  ];
  assert.equal(wire(text, false), `(${parts.map((part) => `${part})`).join("")} "mixed")`);
  assert.equal(
    wire(text, true),
    `(${parts.map((part) => `${part} NIL NIL NIL NIL)`).join("")} "mixed" ("boundary" "b") NIL NIL NIL)`,
  );
});

test("an embedded message has its envelope, structure and lines", () => {
  assert.equal(
    wire("Content-Type: message/rfc822\n\nSubject: s\n\nx\n", false),
    '("message" "rfc822" NIL NIL NIL "7bit" 17 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) ' +
      '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 1) 3)',
  );
});

test("an embedded message that cannot be read goes as bytes", () => {
  assert.equal(
    wire("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQQ==\n", false),
    '("application" "octet-stream" NIL NIL NIL "base64" 6)',
  );
});

test("parameters outside ASCII are sent in the extended form (RFC 2231 §4, §6)", () => {
  assert.match(
    wire("Content-Type: a/b; name*0*=utf-8''%C4%8D; name*1=x\n\n", false),
    /\("name\*" "utf-8''%C4%8Dx"\)/,
  );
});
