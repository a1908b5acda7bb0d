import assert from "node:assert/strict";
import { test } from "node:test";
import { findLoginName, formatLoginName } from "./login-name.ts";

test("a device stands behind the domain; before it a plus belongs to the address", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["ana@example.org", "ana@example.org", ""],
    ["ana@example.org+phone", "ana@example.org", "phone"],
    ["ana+shop@example.org", "ana+shop@example.org", ""],
    ["ana+shop@example.org+Old-PC", "ana+shop@example.org", "old-pc"],
    ["ana", "ana", ""],
    ["ana+phone", "ana", "phone"],
    ['"a@b+c"@example.org+x', '"a@b+c"@example.org', "x"],
  ];
  for (const [text, account, device] of cases) {
    assert.deepEqual(findLoginName(text), { account, device }, text);
  }
  for (const bad of ["ana@example.org+", "a@b+x y", "a@b+ć", "a@b+-x", `a@b+${"x".repeat(33)}`]) {
    assert.equal(findLoginName(bad), undefined, bad);
  }
});

test("the change log's name of a login is the login name", () => {
  assert.equal(formatLoginName({ address: "ana@example.org", device: "" }), "ana@example.org");
  const login = { address: "ana@example.org", device: "phone" };
  assert.equal(formatLoginName(login), "ana@example.org+phone");
});
