import { lineAt, type Tree } from "../tree.ts";
import type { Finding } from "./check.ts";

const cataloguePath = "docs/events.md";
/** `log.write(level, "room.whatHappened"`: the level may be an expression that chooses between two. */
const written = /\.write\(\s*([^;{}]{0,120}?),\s*"([a-z]\w*\.[a-z]\w*)"/g;
const levelWord = /"(error|warn|info|debug)"/g;

interface Event {
  readonly place: string;
  readonly levels: Set<string>;
}

/** Every event that the server logs is in docs/events.md, with its level, and no other is. */
export function checkEvents(tree: Tree): Finding {
  const faults: string[] = [];
  const events = findEvents(tree);
  const catalogue = readCatalogue(tree.get(cataloguePath) ?? "");
  for (const [name, { place, levels }] of events) {
    const documented = catalogue.get(name);
    const actual = [...levels].toSorted().join(", ");
    if (documented === undefined) faults.push(`${place}: ${name} is not in ${cataloguePath}`);
    else if (documented.levels !== actual) {
      faults.push(`${cataloguePath}:${documented.line}: the level of ${name} is ${actual}`);
    }
  }
  for (const [name, { line }] of catalogue) {
    if (!events.has(name)) faults.push(`${cataloguePath}:${line}: nothing logs ${name}`);
  }
  return { seen: events.size, units: "events", faults };
}

function findEvents(tree: Tree): Map<string, Event> {
  const events = new Map<string, Event>();
  for (const [path, text] of tree) {
    if (!/^src\/.*\.ts$/.test(path) || /\.(test|contract|fuzz|bench|check)\.ts$/.test(path))
      continue;
    for (const match of text.matchAll(written)) {
      const [, level = "", name = ""] = match;
      const place = `${path}:${lineAt(text, match.index)}`;
      const event = events.get(name) ?? { place, levels: new Set() };
      for (const word of level.matchAll(levelWord)) event.levels.add(word[1] ?? "");
      // A first argument without any level is not a log's: another thing that is written.
      if (event.levels.size > 0) events.set(name, event);
    }
  }
  return events;
}

/** Rows `| \`room.event\` | level, level | meaning |`. */
function readCatalogue(text: string): Map<string, { line: number; levels: string }> {
  const rows = text.matchAll(/^\| `([a-z]\w*\.\w+)` \| ([a-z, ]+) \| .+ \|$/gm);
  return new Map(
    [...rows].map((row) => [
      row[1] ?? "",
      { line: lineAt(text, row.index), levels: (row[2] ?? "").split(", ").toSorted().join(", ") },
    ]),
  );
}
