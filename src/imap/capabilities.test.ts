import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { mechanismsFor } from "../protocol/sasl.ts";
import { capabilitiesOf } from "./server/capabilities.ts";
import { commandRows } from "./server/command-rows.ts";

interface Row {
  readonly words: readonly string[];
  readonly source: string;
  readonly made: readonly string[];
  readonly tested: readonly string[];
}

const sourceFolder = new URL("../", import.meta.url);
const page = readFileSync(new URL("../docs/imap.md", sourceFolder), "utf8");

function readRows(): Row[] {
  return [...page.matchAll(/^\| (.+) \| (.+) \| (.+) \| (.+) \|$/gm)].slice(1).map((match) => ({
    words: (match[1] ?? "").split(", "),
    source: match[2] ?? "",
    made: (match[3] ?? "").split(", "),
    tested: (match[4] ?? "").split(", "),
  }));
}

/** All that may be announced on any connection at any time. */
function announced(): string[] {
  const { before, after } = capabilitiesOf(commandRows, new Set());
  const exporter = new Uint8Array(32);
  const mechanisms = mechanismsFor({ isPrivate: true, exporter }).map((name) => `AUTH=${name}`);
  const bySituation = ["STARTTLS", "LOGINDISABLED", "APPENDLIMIT"];
  return [...new Set([...before, ...after, ...mechanisms, ...bySituation])].toSorted();
}

test("docs/imap.md has a row for each capability that is announced, and no others", () => {
  const words = readRows().flatMap((row) => row.words);
  assert.deepEqual(words.toSorted(), announced());
});

/** "RFC 9051 §6.4", also in "RFC 8474 §5, 8514 §4.3" and "RFC 3516, 7162 §3". */
function cites(path: string, source: string): boolean {
  const text = readFileSync(new URL(path, sourceFolder), "utf8");
  const number = /^RFC (\d+)$/.exec(source)?.[1];
  return number === undefined
    ? text.includes(source)
    : new RegExp(`(?:RFC |, | and )${number}\\b`).test(text);
}

test("the files that docs/imap.md names are there and cite what it names", () => {
  const rows = readRows();
  assert.ok(rows.length > 40);
  for (const { words, source, made, tested } of rows) {
    for (const path of [...made, ...tested]) {
      assert.ok(existsSync(new URL(path, sourceFolder)), `${words.join()}: ${path} is not there`);
    }
    assert.ok(
      tested.every((path) => path.endsWith(".test.ts")),
      `${words.join()}: is tested in tests`,
    );
    assert.ok(
      made.every((path) => cites(path, source)),
      `${words.join()}: all of ${made.join()} cite ${source}`,
    );
    assert.ok(
      // Mechanisms without an RFC are tested under their own name.
      tested.some((path) => cites(path, source) || !source.startsWith("RFC ")),
      `${words.join()}: one of ${tested.join()} cites ${source}`,
    );
  }
});
