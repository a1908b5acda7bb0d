import type { Tree } from "../tree.ts";
import type { Finding } from "./check.ts";

const registerPath = "docs/rfcs.tsv";
const header = "number\ttitle\tsupport\troom\tmissing";
/** `RFC 9051 §6.3.4`, and the further ones of `RFC 7162 §3.1.7, 7889 §4 and 8438 §3`. */
const citation = /(?:\bRFC |(?<=\bRFC \d[^"*\n]{0,80})(?:, | and ))(\d{3,5})\s+§/g;

interface Row {
  readonly number: string;
  readonly title: string;
  readonly support: string;
  readonly room: string;
  readonly missing: string;
}

/**
 * The register of RFCs. `yes` is refused unless code and tests of the room cite the RFC with a
 * section (`RFC 9051 §6.3.4`); `partial` unless code of the room cites it and the row says what is
 * missing. An RFC that code cites stands in the register.
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
  const [number = "", title = "", support = "", room = "", missing = ""] = line.split("\t");
  return { number, title, support, room, missing };
}

/** For each RFC number the files in src/ that cite a section of it. */
function findCitations(tree: Tree): Map<string, string[]> {
  const citations = new Map<string, string[]>();
  for (const [path, text] of tree) {
    if (!/^src\/.*\.ts$/.test(path) && !isDialogue(path)) continue;
    for (const number of new Set([...text.matchAll(citation)].map((match) => match[1]))) {
      if (number !== undefined) citations.set(number, [...(citations.get(number) ?? []), path]);
    }
  }
  return citations;
}

function faultOfRow(row: Row, before: Row | undefined, citations: Map<string, string[]>) {
  const { number, title, support, room, missing } = row;
  if (!/^\d+$/.test(number) || title === "")
    return "number, title, support, room, missing; tabs between";
  if (before !== undefined && Number(before.number) >= Number(number)) {
    return `RFC ${number} stands after RFC ${before.number}: sort by number, each once`;
  }
  if (!["yes", "partial", "planned", "no"].includes(support)) {
    return `RFC ${number}: support is yes, partial, planned or no`;
  }
  const places = (citations.get(number) ?? []).filter((path) =>
    room.split(" ").some((name) => path.startsWith(`src/${name}/`)),
  );
  const isTested = places.some((path) => /\.(test|contract)\.ts$/.test(path) || isDialogue(path));
  const isCoded = places.some((path) => /(?<!\.(test|contract|fuzz|bench))\.ts$/.test(path));
  if (support === "yes" && !(isCoded && isTested)) {
    return `RFC ${number}: yes needs a citation "RFC ${number} §" in code and in a test of ${room}`;
  }
  if (support === "partial" && !isCoded) {
    return `RFC ${number}: partial needs a citation "RFC ${number} §" in code of ${room}`;
  }
  if ((support === "partial") !== (missing !== "")) {
    return `RFC ${number}: the last column says what is missing, when it is partial`;
  }
  return undefined;
}

/** Scripts of what client and server say to each other: tests that a program plays. */
function isDialogue(path: string): boolean {
  return /^src\/.*\/dialogues\/[\w-]+\.txt$/.test(path);
}
