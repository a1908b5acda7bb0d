import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the checkout, absolute. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** What the checkers look at: paths below the checkout with `/` between, and the text of each. */
export type Tree = ReadonlyMap<string, string>;

const foldersSkipped = new Set([
  "node_modules",
  ".git",
  ".cache",
  ".fuzz-failures",
  ".pack",
  "data",
  "dist",
]);
const binaryEndings = /\.(png|jpg|gif|ico|woff2?|bin|gz|zip|pdf|db|sqlite)$/;

/** Paths of all files of the checkout below `folder`, sorted; what git ignores is left out. */
export function listFiles(folder = root): string[] {
  const found: string[] = [];
  const pending = [folder];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !foldersSkipped.has(entry.name)) pending.push(path);
      if (entry.isFile()) found.push(relative(folder, path).split(sep).join("/"));
    }
  }
  return found.toSorted();
}

/** The text files of the checkout. */
export function readTree(folder = root): Tree {
  const paths = listFiles(folder).filter((path) => !binaryEndings.test(path));
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** Number of the line, from 1, in which the character at `offset` of `text` lies. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
