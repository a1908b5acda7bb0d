// Adds to package-lock.json what npm left out: packages for other platforms that the registry in
// use does not serve. Without them `npm ci` says that lock file and manifest disagree. They get a
// version and a platform, which is enough to pass them over here; npm fetches them elsewhere.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findUnlocked, type LockEntry } from "./checks/dependencies.ts";
import { root } from "./tree.ts";

const file = join(root, "package-lock.json");
const lock: { packages: Record<string, LockEntry> } = JSON.parse(readFileSync(file, "utf8"));
const missing = findUnlocked(lock.packages);
for (const { name, version } of missing) {
  const entry = { version, dev: true, optional: true, ...platformOf(name) };
  lock.packages[`node_modules/${name}`] = entry;
}
const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(
  file,
  `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2)}\n`,
);
console.log(`${missing.length} packages of other platforms added to package-lock.json`);

/** `@oxlint/binding-linux-arm64-musl`: such names end in system, processor and C library. */
function platformOf(name: string): { os: string[]; cpu: string[]; libc?: string[] } {
  const parts =
    name
      .split("/")
      .at(-1)
      ?.replace(/^(binding|typescript)-/, "")
      .split("-") ?? [];
  const [os = "", cpu = "", abi = ""] = parts;
  const libc = os === "linux" && abi !== "" ? [abi.includes("musl") ? "musl" : "glibc"] : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc }) };
}
