import { posix } from "node:path";
import { lineAt, type Tree } from "../tree.ts";
import type { Finding } from "./check.ts";

/**
 * Documents agree with the project: links lead somewhere, `npm run` scripts exist, and the verbs
 * after `golub` are commands that src/app declares.
 */
export function checkDocs(tree: Tree): Finding {
  const verbs = findVerbs(tree);
  const { scripts = {} }: { scripts?: Record<string, string> } = JSON.parse(
    tree.get("package.json") ?? "{}",
  );
  const folders = foldersOf(tree);
  const faults: string[] = [];
  let seen = 0;
  for (const [path, text] of tree) {
    if (!path.endsWith(".md")) continue;
    const report = (offset: number, what: string) =>
      faults.push(`${path}:${lineAt(text, offset)}: ${what}`);
    seen++;
    for (const { target, offset } of findLinks(path, text)) {
      const isThere = tree.has(target) || folders.has(target);
      if (!isThere) report(offset, `the link to ${target} leads nowhere`);
    }
    for (const match of text.matchAll(/\bnpm run(?: -s)? ([\w:-]+)/g)) {
      if (!((match[1] ?? "") in scripts)) {
        report(match.index, `npm run ${match[1]} is not in package.json`);
      }
    }
    for (const match of text.matchAll(/(?:`|^\s*\$? ?)golub ([a-z][a-z-]*)/gm)) {
      if (!verbs.has(match[1] ?? "")) {
        report(match.index, `golub ${match[1]} is not a command`);
      }
    }
  }
  return { seen, units: "documents", faults };
}

/** Relative links and images with the path that they mean; code blocks are left out. */
function findLinks(path: string, text: string) {
  const prose = text
    .replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, " "))
    .replaceAll(/`[^`\n]*`/g, (code) => " ".repeat(code.length));
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => ({ link: (match[1] ?? "").replace(/#.*$/, ""), offset: match.index }))
    .filter(({ link }) => link !== "" && !/^[a-z]+:/.test(link))
    .map(({ link, offset }) => ({
      target: posix.join(posix.dirname(path), link).replace(/\/$/, ""),
      offset,
    }));
}

/** The first words of all `.command("...")` declarations of the command line. */
function findVerbs(tree: Tree): Set<string> {
  const texts = [...tree].filter(([path]) => /^src\/app\/.*\.ts$/.test(path));
  const declared = texts.flatMap(([, text]) => [
    ...text.matchAll(/\bcommand\(\s*"([a-z][a-z-]*)|\bnew Command\(\s*"([a-z][a-z-]*)/g),
  ]);
  return new Set(declared.map((match) => match[1] ?? match[2] ?? ""));
}

function foldersOf(tree: Tree): Set<string> {
  const folders = new Set(["."]);
  for (const path of tree.keys()) {
    for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at)) folders.add(at);
  }
  return folders;
}
