import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMessageIds } from "./message-ids.ts";

const cases: readonly (readonly [string, readonly string[]])[] = [
  ["<a@b>", ["a@b"]],
  ["<a@b> (x) <c@d>\t<a@b>", ["a@b", "c@d"]],
  ["<a@b><c@d>", ["a@b", "c@d"]],
  ['Your message of <1@x> "Mon"', ["1@x"]],
  ["a@b", ["a@b"]],
  ["no id here", []],
  ["<a\t@b>", ["a@b"]],
  ["<<a@b>", ["a@b"]],
  ["<a@b", []],
  ["<>", []],
  ['<"01KF8JCEOCBS0045PS"@xxx.yyy.com>', ["01KF8JCEOCBS0045PS@xxx.yyy.com"]],
  ["<\xc5\xa1@b>", ["š@b"]],
  ["", []],
];

for (const [value, expected] of cases) {
  test(`message identifiers of ${JSON.stringify(value)}`, () => {
    assert.deepEqual(parseMessageIds(value), expected);
  });
}

test("of a long list the first and the last stay", () => {
  const value = Array.from({ length: 500 }, (_, index) => `<${index}@x>`).join(" ");
  assert.deepEqual(parseMessageIds(value, 3), ["0@x", "498@x", "499@x"]);
  assert.deepEqual(parseMessageIds(value, 1), ["0@x"]);
});
