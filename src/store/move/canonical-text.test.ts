import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalText } from "./canonical-text.ts";

test("equal data has equal text, whatever the order of its fields and the kind of its bytes", () => {
  const one = { a: 1, b: [true, "x"], c: new Uint8Array([1, 2]), d: undefined };
  const two = { c: Buffer.from([1, 2]), b: [true, "x"], a: 1 };
  assert.equal(canonicalText(one), canonicalText(two));
});

test("different data has different text", () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(value, value, (a, b) => {
      assert.equal(canonicalText(a) === canonicalText(b), sorted(a) === sorted(b));
    }),
  );
  assert.notEqual(canonicalText({ 'a":1,"b': 2 }), canonicalText({ a: 1, b: 2 }));
  assert.notEqual(canonicalText("<AQ==>"), canonicalText(new Uint8Array([1])));
});

/** JSON with fields in order; zeros without a sign. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
