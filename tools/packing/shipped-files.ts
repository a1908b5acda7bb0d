import assert from "node:assert/strict";
import { stripTypeScriptTypes } from "node:module";
import { findImports } from "../checks/imports.ts";
import type { Tree } from "../tree.ts";

const program = "src/app/main.ts";
/** What is shipped as it is; `bin/run.mjs` runs development scripts, which are not. */
const asIs = /^(?:bin\/(?!run\.)[\w-]+\.mjs|LICENSE|README\.md|CHANGELOG\.md)$/;
/** A relative path to TypeScript between quotes: none may be left over. */
const leftOver = /["'`]\.{1,2}\/[^"'`\n]*\.ts["'`]/;

/**
 * The files of the published package, by path: the launcher, the documents that a registry shows,
 * a manifest for users, and every source that the program can reach, as JavaScript. Node.js takes
 * no TypeScript from under node_modules, so types become blanks, which keeps lines and columns of
 * every error message, and imports and worker URLs end in `.js`.
 */
export function makeShippedFiles(tree: Tree): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [path, text] of tree) if (asIs.test(path)) files.set(path, text);
  files.set("package.json", makeManifest(getText(tree, "package.json")));
  const reached = new Set([program]);
  for (const path of reached) {
    const { code, targets } = toJavaScript(path, getText(tree, path));
    files.set(asJs(path), code);
    for (const target of targets) if (target.endsWith(".ts")) reached.add(target);
  }
  return files;
}

function toJavaScript(path: string, text: string) {
  const stripped = stripTypeScriptTypes(text);
  const targets: string[] = [];
  let code = "";
  let copied = 0;
  for (const { specifier, target, offset } of findImports(path, stripped)) {
    if (target === undefined) continue;
    targets.push(target);
    code += stripped.slice(copied, offset) + asJs(specifier);
    copied = offset + specifier.length;
  }
  code += stripped.slice(copied);
  assert(!leftOver.test(code), `${path}: ${leftOver.exec(code)?.[0]} would lead nowhere`);
  return { code, targets };
}

/** Keeps what npm and the launcher read; nothing inside the package is promised to importers. */
function makeManifest(text: string): string {
  const { private: _, scripts: __, devDependencies: ___, ...kept } = JSON.parse(text);
  const exports = { "./package.json": "./package.json" };
  return `${JSON.stringify({ ...kept, exports }, undefined, 2)}\n`;
}

function getText(tree: Tree, path: string): string {
  const text = tree.get(path);
  assert(text !== undefined, `${path} is to be shipped and is not there`);
  return text;
}

function asJs(path: string): string {
  return path.replace(/\.ts$/, ".js");
}
