import { lineAt, type Tree } from "../tree.ts";
import type { Finding } from "./check.ts";

interface Rule {
  readonly pattern: RegExp;
  readonly why: string;
  /** Files that the rule is for; all source files unless given. */
  readonly paths?: RegExp;
  readonly except?: RegExp;
}

const edges = /^(bin|tools|bench|interop|src\/(app|net|sim))\//;

/** What must not be merged, and what no lint rule sees. */
const rules: readonly Rule[] = [
  { pattern: /\bFIXME\b/g, why: "FIXME must be done before it is merged" },
  { pattern: /\bTODO\b/g, why: "planned work is an issue or a decision, not a TODO" },
  { pattern: /\bXXX\b/g, why: "say it in a sentence", paths: /\.ts$/, except: /\.test\.ts$/ },
  { pattern: /\b(?:test|it|describe|suite)\.only\(|\bonly: true\b/g, why: "runs one test only" },
  { pattern: /@ts-(?:ignore|nocheck|expect-error)/g, why: "the type checker is right" },
  { pattern: /\bas any\b/g, why: "use unknown and prove it", paths: /\.ts$/ },
  { pattern: /\bas unknown as\b/g, why: "prove the type instead", except: /\.test\.ts$/ },
  { pattern: /\bnew Date\(\s*\)/g, why: "take a Clock (src/base/clock.ts)", except: edges },
  {
    pattern: /\bcatch(?: \(\w+\))? \{\s*\}/g,
    why: "an ignored error names why",
    paths: /\.m?[jt]s$/,
  },
  { pattern: /^(?:<{7}|>{7}) /gm, why: "a merge was not finished" },
];

/** The rules and their tests name what they look for. */
const ownFiles = /^(tools\/checks\/markers(\.test)?\.ts|CONTRIBUTING\.md)$/;

/** Looks for leftovers in source files; documents may talk about them. */
export function checkMarkers(tree: Tree): Finding {
  const faults: string[] = [];
  let seen = 0;
  for (const [path, text] of tree) {
    if (!/\.(ts|tsx|mjs|sh|toml|sql|css|html)$|^\.ci\//.test(path) || ownFiles.test(path)) continue;
    seen++;
    for (const { pattern, why, paths, except } of rules) {
      if (paths?.test(path) === false || except?.test(path) === true) continue;
      for (const match of text.matchAll(pattern)) {
        faults.push(`${path}:${lineAt(text, match.index)}: ${match[0].trim()}: ${why}`);
      }
    }
  }
  return { seen, units: "files", faults };
}
