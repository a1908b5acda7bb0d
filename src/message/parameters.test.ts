import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { messageLimits } from "./limits.ts";
import { findParameter, formatParameter, parseParameterized } from "./parameters.ts";
import type { Parameter } from "./parameters.ts";

const cases: readonly (readonly [string, string, string, readonly Parameter[]])[] = [
  ["no parameters", "text/plain", "text/plain", []],
  [
    "a token and a quoted string",
    'a/b; X=y; z="q \\"r\\" ;s"',
    "a/b",
    [
      ["x", "y"],
      ["z", 'q "r" ;s'],
    ],
  ],
  ["comments", "a/b (c; d=e) ; f(g)=h (i)", "a/b", [["f(g)", "h"]]],
  [
    "blanks around equals",
    "a/b; x = y ;z= w",
    "a/b",
    [
      ["x", "y"],
      ["z", "w"],
    ],
  ],
  ["an unquoted value with blanks", "a; filename=my file.txt", "a", [["filename", "my file.txt"]]],
  ["a quote never closed", 'a; x="y; z=w', "a", [["x", "y; z=w"]]],
  ["empty pieces", ";;a;=b;c=;", "", [["c", ""]]],
  ["the first of a name wins", "a; x=1; x=2", "a", [["x", "1"]]],
  ["continuations in any order (RFC 2231 §3)", "a; x*1=b; x*0=a", "a", [["x", "ab"]]],
  ["continuations after a gap are lost", "a; x*0=a; x*2=c", "a", [["x", "a"]]],
  ["no first continuation", "a; x*1=b", "a", []],
  ["charset and language (RFC 2231 §4)", "a; x*=iso-8859-2'hr'%B9", "a", [["x", "š"]]],
  ["both (RFC 2231 §4.1)", "a; x*0*=utf-8''%C5; x*1*=%A1; x*2=%20", "a", [["x", "š%20"]]],
  ["the extended form wins over the plain one", "a; x=s; x*=utf-8''%C5%A1", "a", [["x", "š"]]],
  ["extended without charset", "a; x*=%C5%A1", "a", [["x", "š"]]],
  ["broken percent signs", "a; x*=utf-8''100%zz%", "a", [["x", "100%zz%"]]],
  ["an encoded-word, though forbidden", 'a; x="=?utf-8?q?=C5=A1?="', "a", [["x", "š"]]],
  ["raw UTF-8, though forbidden", 'a; x="\xc5\xa1"', "a", [["x", "š"]]],
  ["NUL in a value", "a; x*=utf-8''a%00b", "a", [["x", "a\ufffdb"]]],
];

for (const [name, text, value, params] of cases) {
  test(`parameters: ${name}`, () => {
    const parsed = parseParameterized(text);
    assert.equal(parsed.value, value);
    assert.deepEqual(parsed.params, params);
    assert.equal(parsed.isTruncated, false);
  });
}

test("a parameter reads back as it was written, in lines that can be folded", () => {
  const value = fc.string({ unit: "grapheme", maxLength: 200 });
  fc.assert(
    fc.property(value, (original) => {
      const text = original
        .toWellFormed()
        .replace(/\p{Cc}/gu, "")
        .trim();
      // What looks encoded is decoded by tolerance; no file is called so.
      fc.pre(!text.includes("=?"));
      const formatted = formatParameter("filename", text);
      assert.equal(findParameter(parseParameterized(`x${formatted}`).params, "filename"), text);
      for (const piece of formatted.split("; ").slice(text.includes("; ") ? 99 : 0)) {
        assert.ok(piece.length <= 77, piece);
      }
    }),
  );
});

test("a flood of parameters is cut, and costs linear work", () => {
  const flood = parseParameterized(`a${"; x=y".repeat(1000)}`);
  assert.equal(flood.isTruncated, true);
  for (const piece of [";", '"', "(", "\\", "x*0*=%", ";x*1=", "((\\)", "a;b="]) {
    const { steps } = parseParameterized(piece.repeat(50_000));
    assert.ok(steps <= messageLimits.parameterBytesMax + 2, piece);
  }
});
