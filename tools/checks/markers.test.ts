import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMarkers } from "./markers.ts";

const faultsOf = (path: string, text: string) => checkMarkers(new Map([[path, text]])).faults;

test("leftovers are found with their line", () => {
  assert.deepEqual(faultsOf("src/base/a.ts", "const a = 1;\n// FIXME later\n"), [
    "src/base/a.ts:2: FIXME: FIXME must be done before it is merged",
  ]);
  for (const text of ["// TODO", "test.only(", "// @ts-ignore", "x as any", "catch {\n}"]) {
    assert.equal(faultsOf("src/base/a.ts", text).length, 1, text);
  }
});

test("reading the time is for the edge rooms, computing with it for all", () => {
  assert.equal(faultsOf("src/smtp/a.ts", "new Date()").length, 1);
  assert.equal(faultsOf("src/smtp/a.ts", "new Date(now)").length, 0);
  assert.equal(faultsOf("src/net/a.ts", "new Date()").length, 0);
});

test("documents may talk about markers, and nothing seen is nothing seen", () => {
  assert.equal(checkMarkers(new Map([["docs/a.md", "No TODO here."]])).seen, 0);
});
