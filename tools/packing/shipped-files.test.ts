import assert from "node:assert/strict";
import { posix } from "node:path";
import { after, before, describe, mock, test } from "node:test";
import { findImports } from "../checks/imports.ts";
import { readTree } from "../tree.ts";
import { makeShippedFiles } from "./shipped-files.ts";

const manifest = JSON.stringify({
  name: "x",
  private: true,
  scripts: { test: "x" },
  dependencies: { a: "1.0.0" },
  devDependencies: { b: "1.0.0" },
});

function ship(sources: Readonly<Record<string, string>>) {
  return makeShippedFiles(new Map(Object.entries({ "package.json": manifest, ...sources })));
}

describe("the shipped files", () => {
  before(() => {
    // Node.js says once that stripping types is experimental.
    mock.method(process, "emitWarning", () => undefined);
  });
  after(() => mock.restoreAll());

  test("what the program reaches becomes JavaScript in the same places", () => {
    const files = ship({
      "src/app/main.ts":
        'import { a } from "../a/a.ts";\nimport type { T } from "../a/t.ts";\na();\n',
      "src/a/a.ts":
        'export const a = (): Worker => new Worker(new URL("./w.ts", import.meta.url));',
      "src/a/w.ts": "export {};",
      "src/a/t.ts": "export type T = 1;",
      "src/a/a.test.ts": 'import "./a.ts";',
    });
    assert.deepEqual([...files.keys()].toSorted(), [
      "package.json",
      "src/a/a.js",
      "src/a/w.js",
      "src/app/main.js",
    ]);
    assert.match(files.get("src/app/main.js") ?? "", /from "\.\.\/a\/a\.js";/);
    assert.match(files.get("src/a/a.js") ?? "", /new URL\("\.\/w\.js", import\.meta\.url\)/);
  });

  test("types become blanks: every line and column stays where it was", () => {
    const source = "const one: number = 1;\nexport const two = one as unknown;\n";
    const code = ship({ "src/app/main.ts": source }).get("src/app/main.js") ?? "";
    assert.equal(code.length, source.length);
    assert.equal(code.indexOf("two"), source.indexOf("two"));
  });

  test("the manifest has what users need and nothing for developers", () => {
    const files = ship({ "src/app/main.ts": "" });
    assert.deepEqual(JSON.parse(files.get("package.json") ?? ""), {
      name: "x",
      dependencies: { a: "1.0.0" },
      exports: { "./package.json": "./package.json" },
    });
  });

  test("a path to TypeScript that would lead nowhere is refused", () => {
    assert.throws(() => ship({ "src/app/main.ts": 'load("./plugin.ts");' }), /would lead nowhere/);
  });

  test("all of this project's own imports are shipped, and no TypeScript is", () => {
    const files = makeShippedFiles(readTree());
    assert(files.has("bin/golub.mjs") && files.has("LICENSE") && files.has("README.md"));
    for (const [path, text] of files) {
      assert.doesNotMatch(path, /\.ts$|\.(test|fuzz|bench|contract)\.|fixture|corpus/);
      for (const { target } of path.endsWith(".js") ? findImports(path, text) : []) {
        assert(target === undefined || files.has(posix.normalize(target)), `${path}: ${target}`);
      }
    }
  });
});
