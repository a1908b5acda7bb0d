import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDependencies } from "./dependencies.ts";

function project(changes: Readonly<Record<string, string>> = {}) {
  const entry = { version: "1.2.3", resolved: "https://registry.npmjs.org/a.tgz", integrity: "s" };
  return new Map(
    Object.entries({
      "package.json": JSON.stringify({
        dependencies: { a: "1.2.3" },
        devDependencies: { d: "1.0.0" },
      }),
      "package-lock.json": JSON.stringify({
        packages: {
          "": {},
          "node_modules/a": entry,
          "node_modules/d": { ...entry, version: "1.0.0" },
        },
      }),
      "docs/dependencies.md": "| `a` | reads what we may not write |\n| `d` | tests |\n",
      "src/app/main.ts": 'import "./x.ts";',
      "src/app/x.ts": 'import { a } from "a/sub";',
      "src/app/x.test.ts": 'import { d } from "d";',
      ...changes,
    }),
  );
}

test("pinned, explained and locked dependencies are good", () => {
  const { seen, faults } = checkDependencies(project());
  assert.deepEqual({ seen, faults }, { seen: 2, faults: [] });
});

test("a missing reason, and a reason for what is gone, are faults", () => {
  const { faults } = checkDependencies(
    project({ "docs/dependencies.md": "| `a` | x |\n| `b` | y |" }),
  );
  assert.deepEqual(faults, [
    "docs/dependencies.md: no row with the reason for d",
    "docs/dependencies.md: b is not in package.json",
  ]);
});

test("a version range, an install script, a foreign source and a missing checksum are faults", () => {
  const lock = {
    packages: {
      "node_modules/a": { version: "1.2.3", resolved: "git+ssh://x", hasInstallScript: true },
    },
  };
  const { faults } = checkDependencies(
    project({
      "package.json": JSON.stringify({
        dependencies: { a: "^1.2.3" },
        devDependencies: { d: "1.0.0" },
      }),
      "package-lock.json": JSON.stringify(lock),
    }),
  );
  assert.equal(faults.length, 4);
});

test("code that is shipped imports neither developers' nor undeclared packages", () => {
  const { faults } = checkDependencies(
    project({ "src/app/x.ts": 'import "d";\nimport "@scope/other/deep";' }),
  );
  assert.deepEqual(faults, [
    "src/app/x.ts:1: d is for developers only",
    "src/app/x.ts:2: @scope/other is not in package.json",
  ]);
});

test("a project without a manifest or a lock file has nothing to see", () => {
  assert.equal(checkDependencies(new Map()).seen, 0);
});

test("a lock file that leaves out a package of another platform is a fault: npm ci refuses it", () => {
  const packages = { "node_modules/d": { version: "1.0.0", integrity: "s", dev: true } };
  const lock = (more: object) => ({
    "package-lock.json": JSON.stringify({
      packages: {
        "node_modules/a": { version: "1.2.3", integrity: "s" },
        "node_modules/d": {
          ...packages["node_modules/d"],
          optionalDependencies: { "d-mac": "1.0.0" },
        },
        ...more,
      },
    }),
  });
  assert.match(checkDependencies(project(lock({}))).faults.join(), /lacks d-mac/);
  const other = { "node_modules/d-mac": { version: "1.0.0", dev: true, optional: true } };
  assert.deepEqual(checkDependencies(project(lock(other))).faults, []);
});
