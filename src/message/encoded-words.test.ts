import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeEncodedWords, decodeHeaderText, encodeWords } from "./encoded-words.ts";

const cases: readonly (readonly [string, string, string])[] = [
  ["no encoded-word", "plain = ? text", "plain = ? text"],
  ["Q with underscores", "=?utf-8?Q?=C5=A1_a?=", "š a"],
  ["B", "=?UTF-8?b?xaE=?=", "š"],
  ["B without padding", "=?utf-8?B?xaE?=", "š"],
  ["text around", "a =?utf-8?q?b?= c", "a b c"],
  ["blanks between two vanish (RFC 2047 §6.2)", "=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab"],
  ["blanks between three vanish", "=?utf-8?q?a?= =?utf-8?q?b?= =?utf-8?q?c?= d", "abc d"],
  ["blanks before broken one stay", "=?utf-8?q?a?= =?utf-8?x?b?=", "a =?utf-8?x?b?="],
  ["a character cut in two", "=?utf-8?q?=C5?= =?utf-8?q?=A1?=", "š"],
  ["two charsets", "=?iso-8859-2?q?=B9?= =?utf-8?q?=C5=A1?=", "šš"],
  ["a language (RFC 2231 §5)", "=?us-ascii*en-us?q?hi?=", "hi"],
  ["raw blanks inside Q", "=?utf-8?q?a b?=", "a b"],
  ["no white space around", "x=?utf-8?q?a?=y", "xay"],
  ["unknown charset", "=?x-none?q?=E8?=", "è"],
  ["iso-8859-2 Polish", "=?ISO-8859-2?Q?Za=BF=F3=B3=E6?=", "Zażółć"],
  ["not closed", "=?utf-8?q?abc", "=?utf-8?q?abc"],
  ["empty", "=?utf-8?q??=", ""],
  ["equals and question mark flood", "=?=?=?", "=?=?=?"],
];

for (const [name, raw, expected] of cases) {
  test(`encoded-words: ${name}`, () => assert.equal(decodeEncodedWords(raw), expected));
}

test("raw UTF-8 beside an encoded-word is decoded too", () => {
  assert.equal(decodeHeaderText("\xc5\xa1 =?utf-8?q?=C5=A1?="), "š š");
});

test("encoded text reads back, in words of at most 75 characters (RFC 2047 §2)", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 80 });
  fc.assert(
    fc.property(text, fc.integer({ min: 40, max: 75 }), (original, lengthMax) => {
      const wellFormed = original.toWellFormed().replaceAll("\0", "");
      const encoded = encodeWords(wellFormed, { lengthMax });
      assert.equal(decodeEncodedWords(encoded), wellFormed);
      if (encoded === wellFormed) return;
      for (const word of encoded.split(" ")) assert.ok(word.length <= lengthMax, word);
      assert.match(encoded, /^[\x20-\x7e]*$/);
    }),
  );
});

test("every encoded-word holds whole characters (RFC 2047 §5)", () => {
  for (const word of encodeWords("😀žćđ漢".repeat(30)).split(" ")) {
    assert.doesNotMatch(decodeEncodedWords(word), /\ufffd/);
  }
});

test("text that looks encoded is encoded", () => {
  assert.equal(decodeEncodedWords(encodeWords("=?utf-8?q?a?=")), "=?utf-8?q?a?=");
});
