import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

/** Runs one test file through runTests in a process of its own, as tests cannot nest. */
function runFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "golub-tests-"));
  try {
    const file = join(folder, "sample.test.mjs");
    writeFileSync(file, `import { test, describe } from "node:test";\n${text}`);
    const driver = join(folder, "driver.mjs");
    const runTests = JSON.stringify(new URL("./run-tests.ts", import.meta.url).href);
    writeFileSync(
      driver,
      `import { runTests } from ${runTests};
       console.log(JSON.stringify(await runTests([${JSON.stringify(file)}], false)));`,
    );
    return spawnSync(process.execPath, [driver], { env: process.env }).stdout.toString();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("passes, failures at any depth, skipped tests and late rejections are counted once", () => {
  const output = runFile(`
    describe("suite", () => { test("bad", () => { throw new Error("why"); }); test("good", () => {}); });
    test.skip("not now", () => {});
    test("late", () => { void Promise.reject(new Error("too late")); });
  `);
  assert.match(output, /FAILED .*:3 bad\n {2}Error: why/);
  assert.match(output, /FAILED after its end: .*too late/);
  assert.match(output, /{"passed":2,"failed":2,"skipped":1}/);
});

test("a file that cannot be loaded is a failure", () => {
  assert.match(runFile(`import "./absent.mjs";`), /{"passed":0,"failed":1,"skipped":0}/);
});
