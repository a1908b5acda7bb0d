import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromLatin1 } from "../base/bytes.ts";
import { readHeader } from "../message/headers.ts";
import type { MethodResult } from "./authentication-results.ts";
import {
  findForgedResults,
  formatAuthenticationResults,
  parseAuthenticationResults,
} from "./authentication-results.ts";

// RFC 8601 §B.6, an example with comments and folding.
test("fields are read with their comments, versions and quotes", () => {
  const parsed = parseAuthenticationResults(
    " foo.example.net (foobar) 1 (baz);\r\n\tdkim (Because I like it) / 1 (One yay) = (wait for it) fail" +
      ' policy (A dot can go here) . (like that) expired (x) = (y) 1362471462; spf=pass reason="it ; fits" smtp.mailfrom=a@b.example;' +
      " auth=pass (a (b) c) smtp.auth=x; broken; x= ; dkim=pass header.b=ab/c+==",
  );
  assert.equal(parsed?.authservId, "foo.example.net");
  assert.deepEqual(
    parsed?.results.map(({ method, result, reason }) => [method, result, reason]),
    [
      ["dkim", "fail", undefined],
      ["spf", "pass", "it ; fits"],
      ["auth", "pass", undefined],
      ["dkim", "pass", undefined],
    ],
  );
  assert.deepEqual(parsed?.results[0]?.properties, [["policy.expired", "1362471462"]]);
  assert.deepEqual(parsed?.results[1]?.properties, [["smtp.mailfrom", "a@b.example"]]);
  assert.deepEqual(parsed?.results[3]?.properties, [["header.b", "ab/c+=="]]);
  assert.deepEqual(parseAuthenticationResults("a.example; none"), {
    authservId: "a.example",
    results: [],
  });
  for (const wrong of ["", " ; spf=pass", "a.example 2; spf=pass"]) {
    assert.equal(parseAuthenticationResults(wrong), undefined, wrong);
  }
});

test("fields are written folded, with strangers' words quoted", () => {
  assert.equal(
    formatAuthenticationResults("mx.example", [
      {
        method: "spf",
        result: "pass",
        comment: "ip4:192.0.2.0/24 (a)",
        properties: [["smtp.mailfrom", "ana@a.example"]],
      },
      {
        method: "dkim",
        result: "fail",
        reason: 'a "b"\r\nX: y',
        properties: [["header.b", "a/b"]],
      },
    ]),
    "Authentication-Results: mx.example;\r\n" +
      "\tspf=pass (ip4:192.0.2.0/24 \\(a\\)) smtp.mailfrom=ana@a.example;\r\n" +
      '\tdkim=fail reason="a \\"b\\" X: y" header.b="a/b"\r\n',
  );
  assert.equal(
    formatAuthenticationResults("mx.example", []),
    "Authentication-Results: mx.example;\r\n\tnone\r\n",
  );
});

test("what is written reads back, and stays one field", () => {
  const name = fc.constantFrom("smtp.mailfrom", "header.d", "policy.iprev");
  const result = fc.record({
    method: fc.constantFrom("spf", "dkim", "dmarc"),
    result: fc.constantFrom("pass", "fail", "none"),
    reason: fc
      .string({ minLength: 1, maxLength: 40 })
      .filter((text) => /^[\x20-\x7e]+$/.test(text)),
    comment: fc.string({ maxLength: 40 }),
    properties: fc.array(
      fc.tuple(name, fc.string({ minLength: 1, unit: "binary-ascii", maxLength: 30 })),
      { maxLength: 4 },
    ),
  });
  fc.assert(
    fc.property(fc.array(result, { minLength: 1, maxLength: 5 }), (results: MethodResult[]) => {
      const field = formatAuthenticationResults("mx.example", results);
      const header = readHeader(fromLatin1(`${field}\r\n`));
      assert.equal(header.fields.length, 1);
      const parsed = parseAuthenticationResults(field.slice(field.indexOf(":") + 1));
      assert.deepEqual(
        parsed?.results.map(({ method, result: word, reason }) => [method, word, reason]),
        results.map(({ method, result: word, reason }) => [method, word, reason]),
      );
      assert.deepEqual(
        parsed?.results.flatMap(({ properties }) => properties.map(([each]) => each)),
        results.flatMap(({ properties }) => properties.map(([each]) => each)),
      );
    }),
    { numRuns: 200 },
  );
});

// RFC 8601 §5.
test("fields that claim to be ours are found, however they are spelled", () => {
  const header = readHeader(
    fromLatin1(
      "Authentication-Results: MX.example; spf=pass\r\n" +
        "Authentication-Results: (x) mx.example 1; spf=pass\r\n" +
        'authentication-results: "mx.example" ; dkim=pass\r\n' +
        "Authentication-Results: mx.example\r\n" +
        "Authentication-Results: mx.example 9; spf=pass\r\n" +
        "Authentication-Results: other.mx.example; spf=pass\r\n" +
        "ARC-Authentication-Results: i=1; mx.example; spf=pass\r\n\r\n",
    ),
  );
  const forged = findForgedResults(header, "mx.example");
  assert.deepEqual(
    forged.map((field) => header.fields.indexOf(field)),
    [0, 1, 2, 3, 4],
  );
});
