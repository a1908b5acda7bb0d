import assert from "node:assert/strict";
import { test } from "node:test";
import { isGood } from "./check.ts";
import { readFormat, readLint, readTypes } from "./programs.ts";

test("a program that read our files and was content is good", () => {
  const types = readTypes({ code: 0, text: "/x/node_modules/a.d.ts\n/x/src/a.ts\n/x/src/b.ts\n" });
  assert.deepEqual(types, { seen: 2, units: "files", faults: [] });
  assert.ok(isGood(readLint({ code: 0, text: '{"number_of_files":3,"diagnostics":[]}' })));
  assert.ok(
    isGood(readFormat({ code: 0, text: "All good.\nFinished in 8ms on 9 files using 2 threads." })),
  );
});

test("a program that looked at nothing is not good", () => {
  assert.ok(!isGood(readTypes({ code: 0, text: "/x/node_modules/a.d.ts\n" })));
  assert.ok(!isGood(readLint({ code: 0, text: '{"number_of_files":0,"diagnostics":[]}' })));
  assert.ok(!isGood(readFormat({ code: 0, text: "" })));
});

test("what a program complains about comes with its place", () => {
  const types = readTypes({ code: 2, text: "src/a.ts(1,2): error TS1: no\n/x/src/a.ts\n" });
  assert.deepEqual(types.faults, ["src/a.ts(1,2): error TS1: no"]);
  const one = { code: "r", message: "no", filename: "src/a.ts", labels: [{ span: { line: 4 } }] };
  const report = JSON.stringify({ number_of_files: 1, diagnostics: [one] });
  assert.deepEqual(readLint({ code: 1, text: report }).faults, ["src/a.ts:4: r: no"]);
  const format = readFormat({ code: 1, text: "src/a.ts (0ms)\n\nFinished in 8ms on 9 files" });
  assert.deepEqual(format.faults, ["src/a.ts: not formatted; npm run format does it"]);
});

test("a program that fails without a complaint that we can read is not good", () => {
  for (const finding of [
    readTypes({ code: 1, text: "/x/src/a.ts\nboom" }),
    readLint({ code: 1, text: "Failed to parse configuration" }),
    readFormat({ code: 2, text: "boom on 3 files" }),
  ]) {
    assert.equal(finding.faults.length, 1);
  }
});
