import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat, fromLatin1, latin1 } from "../base/bytes.ts";
import { createTransferDecoder } from "./transfer-decoder.ts";
import {
  decodeBase64,
  decodeQuotedPrintable,
  decodeTransfer,
  encodeBase64,
  encodeQuotedPrintable,
} from "./transfer-encoding.ts";

const quotedPrintable: readonly (readonly [string, string, string])[] = [
  ["escapes in either case", "=C5=a1", "\xc5\xa1"],
  ["soft line breaks", "a=\r\nb=\nc= \t\r\nd", "abcd"],
  ["blanks at the end of a line (RFC 2045 §6.7 (3))", "a \t\r\nb ", "a\r\nb "],
  ["an escaped blank at the end of a line", "a=20\r\nb=20 \r\n", "a \r\nb \r\n"],
  ["a soft break after a blank", "a =\r\nb", "a b"],
  ["escapes that are none", "=ZZ 100%= x=4", "=ZZ 100%= x=4"],
  ["an equals sign at the very end", "a=", "a"],
  ["raw 8-bit", "\xe8=E8", "\xe8\xe8"],
];

for (const [name, encoded, expected] of quotedPrintable) {
  test(`quoted-printable: ${name}`, () => {
    assert.equal(latin1(decodeQuotedPrintable(fromLatin1(encoded))), expected);
  });
}

const base64: readonly (readonly [string, string, string])[] = [
  ["lines", "aGVs\r\nbG8=\r\n", "hello"],
  ["padding in the middle", "aGU=bGxv", "hello"],
  ["each line padded", "aA==\r\nZQ==\r\n", "he"],
  ["other characters", "a!G*V s\tb.G8", "hello"],
  ["no padding", "aGVsbG8", "hello"],
  ["a lone digit at the end", "aGVsbG8=Q", "hello"],
  ["padding only", "====", ""],
];

for (const [name, encoded, expected] of base64) {
  test(`base64: ${name}`, () => {
    assert.equal(latin1(decodeBase64(fromLatin1(encoded))), expected);
  });
}

test("base64: padding in the middle costs no object per piece", (context) => {
  const from = context.mock.method(Buffer, "from");
  assert.equal(decodeBase64(fromLatin1("=AA=\r\n".repeat(2000))).length, 2000);
  assert.ok(from.mock.callCount() < 10, `${from.mock.callCount()} buffers`);
});

test("base64: whatever stands between paddings is decoded as it is alone", () => {
  const text = fc.string({ unit: fc.constantFrom(..."AZaz09+/-_=!\r\n \xff"), maxLength: 60 });
  fc.assert(
    fc.property(text, (encoded) => {
      const pieces = encoded.split("=").map((piece) => Buffer.from(piece, "base64"));
      assert.equal(latin1(decodeBase64(fromLatin1(encoded))), latin1(concat(pieces)));
    }),
  );
});

test("uuencoded text is found between begin and end", () => {
  const text = "chat\r\nbegin 644 a.txt\r\n#0V%T\r\n%0V%T<&]\r\n`\r\nend\r\nmore\r\n";
  assert.equal(latin1(decodeTransfer(fromLatin1(text), "X-UUENCODE")), "CatCatpo");
  assert.equal(latin1(decodeTransfer(fromLatin1("#0V%T\n"), "x-uue")), "Cat");
});

test("uuencoded text costs no object per line", (context) => {
  const split = context.mock.method(String.prototype, "split");
  const lines = `begin 644 a\r\n${"\r\n".repeat(1000)}#0V%T\n\nend\n#0V%T\n`;
  assert.equal(latin1(decodeTransfer(fromLatin1(lines), "x-uue")), "Cat");
  assert.equal(split.mock.callCount(), 0);
});

test("uuencoded text: begin counts at the start of a line and with a mode only", () => {
  const text = " begin 644 a\nbegin x\n#0V%T\nbegin 0644 b\n#0V%T";
  assert.equal(latin1(decodeTransfer(fromLatin1(text), "x-uue")), "Cat");
  assert.equal(latin1(decodeTransfer(fromLatin1("begin 644 a"), "x-uue")), "");
});

test("an unknown encoding leaves the bytes as they are", () => {
  assert.equal(latin1(decodeTransfer(fromLatin1("=41"), "x-what")), "=41");
});

test("encoders read back, in lines of at most 76 characters (RFC 2045 §6.7, §6.8)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const encoded = latin1(encodeBase64(bytes));
      assert.equal(latin1(decodeBase64(fromLatin1(encoded))), latin1(bytes));
      const text = fromLatin1(latin1(bytes).replaceAll("\n", "").replaceAll("\r", "\r\n"));
      const quoted = latin1(encodeQuotedPrintable(text));
      assert.equal(latin1(decodeQuotedPrintable(fromLatin1(quoted))), latin1(text));
      for (const line of `${encoded}${quoted}`.split("\r\n")) {
        assert.ok(line.length <= 76, line);
        assert.match(line, /^[\t\x20-\x7e]*$/);
        assert.doesNotMatch(line, /[ \t]$|^\.|^From /);
      }
    }),
  );
});

test("lone carriage returns and line feeds survive or become line ends", () => {
  assert.equal(latin1(encodeQuotedPrintable(fromLatin1("a\rb\nc\r\n"))), "a=0Db\r\nc\r\n");
});

test("a decoder fed in pieces gives what one call gives", () => {
  const texts = fc.oneof(
    fc.constantFrom(...[...quotedPrintable, ...base64].map(([, encoded]) => encoded)),
    fc
      .array(fc.constantFrom("=", " ", "\r\n", "\n", "\r", "C5", "a", "=\r\n", "QUJD", "\t"))
      .map((pieces) => pieces.join("")),
  );
  const encodings = fc.constantFrom("base64", "quoted-printable", "x-uuencode", "8bit");
  fc.assert(
    fc.property(texts, encodings, fc.integer({ min: 1, max: 7 }), (text, encoding, size) => {
      const bytes = fromLatin1(text);
      const decoder = createTransferDecoder(encoding);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        pieces.push(decoder.push(bytes.subarray(at, at + size)));
      }
      pieces.push(decoder.end());
      assert.equal(latin1(concat(pieces)), latin1(decodeTransfer(bytes, encoding)));
    }),
    { numRuns: 500 },
  );
});
