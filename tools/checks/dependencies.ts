import type { Tree } from "../tree.ts";
import type { Finding } from "./check.ts";
import { findImports, findReached } from "./imports.ts";

const reasonsPath = "docs/dependencies.md";
const exactVersion = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Each dependency is pinned, has its reason in docs/dependencies.md, and is imported only where
 * it will be there: what the program reaches never imports what only developers install. The lock file has
 * no install scripts, and a checksum for everything that is shipped, from the public registry; it
 * also names what other platforms need, or `npm ci` refuses it (tools/complete-lock.ts adds them).
 */
export function checkDependencies(tree: Tree): Finding {
  const manifest: Manifest = JSON.parse(tree.get("package.json") ?? "{}");
  const lock: { packages?: Record<string, LockEntry> } = JSON.parse(
    tree.get("package-lock.json") ?? "{}",
  );
  const declared = {
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
  };
  const locked = Object.entries(lock.packages ?? {}).filter(([path]) => path !== "");
  const faults = [
    ...faultsOfDeclared(declared, tree.get(reasonsPath) ?? ""),
    ...locked.flatMap(([path, entry]) => faultsOfLocked(path, entry)),
    ...findUnlocked(lock.packages ?? {}).map(
      ({ name }) => `package-lock.json: lacks ${name}: node bin/run.mjs tools/complete-lock.ts`,
    ),
    ...faultsOfImports(manifest, declared, tree),
  ];
  const direct = Object.keys(declared).length;
  return {
    seen: Math.min(direct, locked.length),
    units: `dependencies (${locked.length} in all)`,
    faults,
  };
}

function faultsOfDeclared(declared: Readonly<Record<string, string>>, reasons: string): string[] {
  const explained = new Set([...reasons.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]));
  const names = Object.keys(declared);
  return [
    ...names
      .filter((name) => !exactVersion.test(declared[name] ?? ""))
      .map((name) => `package.json: ${name}: pin one version, not ${declared[name]}`),
    ...names
      .filter((name) => !explained.has(name))
      .map((name) => `${reasonsPath}: no row with the reason for ${name}`),
    ...[...explained]
      .filter((name) => name !== undefined && !names.includes(name))
      .map((name) => `${reasonsPath}: ${name} is not in package.json`),
  ];
}

function faultsOfLocked(path: string, entry: LockEntry): string[] {
  const at = `package-lock.json: ${path}:`;
  const faults: string[] = [];
  if (entry.hasInstallScript === true) faults.push(`${at} runs a script when it is installed`);
  if (!exactVersion.test(entry.version ?? "")) faults.push(`${at} has no exact version`);
  const isForDevelopersElsewhere = entry.dev === true && entry.optional === true;
  if (entry.integrity === undefined && !isForDevelopersElsewhere)
    faults.push(`${at} has no checksum`);
  if (entry.resolved !== undefined && !entry.resolved.startsWith("https://registry.npmjs.org/")) {
    faults.push(`${at} comes from ${entry.resolved}`);
  }
  return faults;
}

/** Packages for other platforms that a locked package names and the lock file does not. */
export function findUnlocked(packages: Readonly<Record<string, LockEntry>>) {
  const named = Object.values(packages).flatMap((entry) =>
    Object.entries(entry.optionalDependencies ?? {}),
  );
  return named
    .map(([name, version]) => ({ name, version }))
    .filter(({ name }) => packages[`node_modules/${name}`] === undefined);
}

function faultsOfImports(manifest: Manifest, declared: Record<string, string>, tree: Tree) {
  const faults: string[] = [];
  const shipped = findReached(tree, "src/app/main.ts");
  for (const [path, text] of tree) {
    if (!/^(src|tools|bench|interop)\/.*\.ts$/.test(path)) continue;
    const allowed = shipped.has(path) ? { ...manifest.dependencies } : declared;
    for (const { specifier, target, line } of findImports(path, text)) {
      if (target !== undefined || specifier.startsWith("node:")) continue;
      const name = specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
      if (name in allowed) continue;
      const what = name in declared ? "is for developers only" : "is not in package.json";
      faults.push(`${path}:${line}: ${name} ${what}`);
    }
  }
  return faults;
}
