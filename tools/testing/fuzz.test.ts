import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { fuzzAll } from "./fuzz.ts";

function setUp(t: TestContext, targets: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "golub-fuzz-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = Object.entries(targets).map(([name, text]) => {
    const file = join(folder, `${name}.fuzz.mjs`);
    writeFileSync(file, text);
    return file;
  });
  const failureFolder = join(folder, "failures");
  const print = () => undefined;
  const run = (hangMs = 5000) =>
    fuzzAll({ files, seed: 1, runs: 50, failureFolder, hangMs, print });
  return { run, failures: () => readdirSync(failureFolder).map((n) => join(failureFolder, n)) };
}

const good = `export const seeds = ["a"]; export const fuzz = () => undefined;`;
const wantsQuote = `export const seeds = ['say "x"'];
  export function fuzz(bytes) { if (bytes.includes(34)) throw new Error("quote"); }`;
const hangs = `export const seeds = ["loop"]; export function fuzz() { for (;;); }`;

describe("the fuzz runner", { concurrency: true }, () => {
  test("a target whose invariant breaks fails, and its input is kept", async (t) => {
    const { run, failures } = setUp(t, { good, wantsQuote });
    assert.deepEqual(await run(), { passed: 1, failed: 1, skipped: 0 });
    assert.deepEqual(
      failures().map((file) => readFileSync(file, "latin1")),
      ['say "x"'],
    );
  });

  test("a target that never ends fails, its input is kept, and the next one still runs", async (t) => {
    const { run, failures } = setUp(t, { a: good, hangs, z: good });
    assert.deepEqual(await run(300), { passed: 2, failed: 1, skipped: 0 });
    assert.deepEqual(
      failures().map((file) => readFileSync(file, "latin1")),
      ["loop"],
    );
  });

  test("a target without seeds or without fuzz() fails", async (t) => {
    const { run } = setUp(t, {
      a: "export const seeds = ['x'];",
      b: "export const fuzz = () => 1;",
    });
    assert.deepEqual(await run(), { passed: 0, failed: 2, skipped: 0 });
  });

  test("a target that ends the worker, or fails far from its call, fails alone", async (t) => {
    const seeds = `export const seeds = ["x"];`;
    const exits = `${seeds} export const fuzz = () => process.exit(0);`;
    const rejects = `${seeds} export const fuzz = () => void Promise.reject(new Error("late"));`;
    const { run } = setUp(t, { a: good, exits, rejects, z: good });
    assert.deepEqual(await run(), { passed: 2, failed: 2, skipped: 0 });
  });
});
