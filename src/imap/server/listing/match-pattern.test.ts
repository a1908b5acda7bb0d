import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Refusal } from "../../../base/faults.ts";
import { patternMatcher } from "./match-pattern.ts";

test("patterns match as a regular expression would", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 8 });
  const patterns = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "%"), maxLength: 8 });
  fc.assert(
    fc.property(patterns, letters, (pattern, name) => {
      const source = pattern.replaceAll("%", "[^/]*").replaceAll(/(?<!\])\*/g, ".*");
      assert.equal(patternMatcher(pattern)(name), new RegExp(`^${source}$`).test(name));
    }),
  );
});

test("INBOX matches in any letter case, other names only in their own", () => {
  assert.ok(patternMatcher("inb%")("INBOX"));
  assert.ok(!patternMatcher("wor%")("Work"));
});

test("a pattern that is all wildcards costs little, too many are refused", () => {
  const matches = patternMatcher("*a%".repeat(12));
  assert.ok(!matches("b".repeat(1000)));
  assert.throws(() => patternMatcher("a*".repeat(25)), Refusal);
});
