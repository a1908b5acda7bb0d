import type { Tree } from "../tree.ts";
import type { Finding } from "./check.ts";

const registerPath = "docs/rfcs.tsv";
const header = "number\ttitle\tsupport\troom";

interface Row {
  readonly number: string;
  readonly title: string;
  readonly support: string;
  readonly room: string;
}

/**
 * The register of RFCs. `yes` is refused unless code and tests of the room cite the RFC with a
 * section (`RFC 9051 §6.3.4`); `partial` unless something of the room cites it. An RFC that code
 * cites stands in the register.
 */
export function checkRfcs(tree: Tree): Finding {
  const [first, ...lines] = (tree.get(registerPath) ?? "").trimEnd().split("\n");
  const faults = first === header ? [] : [`${registerPath}:1: the header is ${header}`];
  const rows = lines.map(readRow);
  const citations = findCitations(tree);
  rows.forEach((row, index) => {
    const before = rows[index - 1];
    const fault = faultOfRow(row, before, citations);
    if (fault !== undefined) faults.push(`${registerPath}:${index + 2}: ${fault}`);
  });
  const known = new Set(rows.map(({ number }) => number));
  for (const [number, places] of citations) {
    if (!known.has(number))
      faults.push(`${places[0]}: cites RFC ${number}, not in ${registerPath}`);
  }
  return { seen: rows.length, units: `RFCs (${citations.size} cited)`, faults };
}

function readRow(line: string): Row {
  const [number = "", title = "", support = "", room = ""] = line.split("\t");
  return { number, title, support, room };
}

/** For each RFC number the files in src/ that cite a section of it. */
function findCitations(tree: Tree): Map<string, string[]> {
  const citations = new Map<string, string[]>();
  for (const [path, text] of tree) {
    if (!/^src\/.*\.ts$/.test(path)) continue;
    for (const number of new Set([...text.matchAll(/\bRFC (\d+)\s+§/g)].map((match) => match[1]))) {
      if (number !== undefined) citations.set(number, [...(citations.get(number) ?? []), path]);
    }
  }
  return citations;
}

function faultOfRow(row: Row, before: Row | undefined, citations: Map<string, string[]>) {
  const { number, title, support, room } = row;
  if (!/^\d+$/.test(number) || title === "") return "number, title, support, room; tabs between";
  if (before !== undefined && Number(before.number) >= Number(number)) {
    return `RFC ${number} stands after RFC ${before.number}: sort by number, each once`;
  }
  if (!["yes", "partial", "planned", "no"].includes(support)) {
    return `RFC ${number}: support is yes, partial, planned or no`;
  }
  const places = (citations.get(number) ?? []).filter((path) =>
    room.split(" ").some((name) => path.startsWith(`src/${name}/`)),
  );
  const isTested = places.some((path) => path.endsWith(".test.ts"));
  const isCoded = places.some((path) => !/\.(test|fuzz|bench)\.ts$/.test(path));
  if (support === "yes" && !(isCoded && isTested)) {
    return `RFC ${number}: yes needs a citation "RFC ${number} §" in code and in a test of ${room}`;
  }
  if (support === "partial" && !isCoded) {
    return `RFC ${number}: partial needs a citation "RFC ${number} §" in code of ${room}`;
  }
  return undefined;
}
