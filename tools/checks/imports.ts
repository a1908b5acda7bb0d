import { posix } from "node:path";
import { lineAt, type Tree } from "../tree.ts";

export interface Import {
  /** What stands between the quotes. */
  readonly specifier: string;
  /** Path from the root of the checkout, for a relative specifier. */
  readonly target: string | undefined;
  readonly line: number;
  /** Where in the text the specifier begins. */
  readonly offset: number;
}

const importPattern =
  /(?<![\w.$])(?:from|import)\s*\(?\s*"([^"\n]+)"|new URL\(\s*"(\.[^"\n]+\.[a-z]+)"\s*,\s*import\.meta\.url/g;
const comment = /^[ \t]*(?:\/\/.*|\/\*[\s\S]*?\*\/)/gm;

/** All static imports, exports from, dynamic imports and worker URLs of one file. */
export function findImports(path: string, text: string): Import[] {
  const code = text.replaceAll(comment, (skipped) => skipped.replaceAll(/[^\n]/g, " "));
  const matches = [...code.matchAll(importPattern)].filter(({ index }) => !isInText(code, index));
  return matches.map((match) => {
    const specifier = match[1] ?? match[2] ?? "";
    const isRelative = specifier.startsWith(".");
    return {
      specifier,
      target: isRelative ? posix.join(posix.dirname(path), specifier) : undefined,
      line: lineAt(code, match.index),
      offset: match.index + match[0].indexOf(`"${specifier}"`) + 1,
    };
  });
}

/** All files that `from` leads to by imports and worker URLs, itself included. */
export function findReached(tree: Tree, from: string): ReadonlySet<string> {
  const reached = new Set([from]);
  for (const path of reached) {
    for (const { target } of findImports(path, tree.get(path) ?? "")) {
      if (target !== undefined && target.endsWith(".ts")) reached.add(target);
    }
  }
  return reached;
}

/** True when a quote stands before it on its line: source text that a test writes down. */
function isInText(code: string, offset: number): boolean {
  return /["'`]/.test(code.slice(code.lastIndexOf("\n", offset) + 1, offset));
}
