// Second stage: holds charsets, dates, subjects and part trees against Python's email package.
// Run `node src/message/differential.python.ts`; it fails, and says so, where python3 is missing.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { decodeCharset } from "./charset.ts";
import { readCorpus } from "./corpus.ts";
import { digestMessage } from "./digest.ts";
import type { MessagePart } from "./structure.ts";
import { decodeTransfer } from "./transfer-encoding.ts";

type Tree = [type: string, content: number | Tree[]];

interface PythonAnswer {
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly texts: Readonly<Record<string, readonly [text: string, hex: string]>>;
  readonly messages: Readonly<
    Record<
      string,
      { readonly tree: Tree; readonly subject: string; readonly date: number | string | null }
    >
  >;
}

/** Where Python reads something otherwise, and why we do not. */
const differences: Readonly<Record<string, readonly string[]>> = {
  "real/bounce": ["tree"], // it takes message/delivery-status apart as if it were messages
  "real/hr-dos-cp852": ["date"], // it does not know MET
  "real/jp-split-words": ["subject"], // it does not know the language of RFC 2231 §5
  "real/obsolete-forms": ["tree", "subject", "date"], // it ends a header at `Name :` (RFC 5322 §4.5)
  "real/sr-cyrillic-utf8": ["subject"], // compat32 does not read raw UTF-8
  "malformed/bad-base64": ["tree"], // it stops at the first padding
  "malformed/bad-dates": ["date"], // it carries the 31st of February over into March
  "malformed/bad-quoted-printable": ["tree"], // it keeps blanks at line ends (RFC 2045 §6.7 (3))
  "malformed/boundary-never-used": ["tree"], // it has no part to show
  "malformed/broken-encoded-words": ["subject"], // it refuses unknown charsets
  "malformed/encoded-rfc822": ["tree"], // it reads the base64 text as the message
  "malformed/line-without-colon": ["tree", "subject"], // it ends the header there
  "malformed/no-boundary-parameter": ["tree"], // it has no part to show
  "malformed/nul-bytes": ["subject"], // it keeps NUL
  "malformed/raw-latin1-header": ["subject"], // compat32 does not guess
  "malformed/raw-utf8-body-no-charset": ["subject"], // compat32 does not guess
  "malformed/same-boundary-nested": ["tree"], // it gives the parts to the outer multipart
};

/** WHATWG, which TextDecoder follows, fills holes of some tables that Python leaves open. */
const holes = "\ufffd";

function treeOf(bytes: Uint8Array, part: MessagePart): Tree {
  const type = `${part.type}/${part.subtype}`;
  if (part.parts !== undefined) return [type, part.parts.map((child) => treeOf(bytes, child))];
  if (part.message !== undefined) return [type, [treeOf(bytes, part.message.root)]];
  const body = bytes.subarray(part.bodyStart, part.bodyEnd);
  const decoded = Buffer.from(decodeTransfer(body, part.encoding)).toString("latin1");
  return [type, decoded.replace(/[\r\n]/g, "").length];
}

function askPython(files: readonly string[]): PythonAnswer {
  if (spawnSync("python3", ["--version"]).status !== 0) {
    throw new Error("python3 is missing: nothing was checked");
  }
  const script = fileURLToPath(new URL("corpus/read-with-python.py", import.meta.url));
  // What our own script prints, in the shape that it prints.
  return JSON.parse(
    execFileSync("python3", [script, ...files], { maxBuffer: 1 << 26, encoding: "utf8" }),
  );
}

const corpus = readCorpus();
const pathOf = (name: string) => fileURLToPath(new URL(`corpus/${name}.eml`, import.meta.url));
const answer = askPython(corpus.map(({ name }) => pathOf(name)));

let checked = 0;
for (const [charset, table] of Object.entries(answer.tables)) {
  for (const [byte, expected] of table.entries()) {
    const actual = decodeCharset(Uint8Array.of(byte), charset);
    if (expected === holes) continue;
    assert.equal(actual, expected, `${charset} 0x${byte.toString(16)}`);
    checked++;
  }
}
for (const [charset, [text, hex]] of Object.entries(answer.texts)) {
  assert.equal(decodeCharset(Buffer.from(hex, "hex"), charset), text, charset);
  checked++;
}
const failures: string[] = [];
for (const { name, bytes } of corpus) {
  const python = answer.messages[pathOf(name)];
  assert.ok(python, name);
  const digest = digestMessage(bytes);
  const pairs = {
    tree: [treeOf(bytes, digest.structure.root), python.tree],
    subject: [digest.subject, python.subject],
    date: [digest.dateMs ?? null, python.date],
  };
  const known = differences[name] ?? [];
  for (const [what, [ours, theirs]] of Object.entries(pairs)) {
    checked++;
    if (isDeepStrictEqual(ours, theirs) !== known.includes(what)) continue;
    failures.push(
      `${name} ${what}\n  ours   ${JSON.stringify(ours)}\n  python ${JSON.stringify(theirs)}`,
    );
  }
}
process.stdout.write(
  `${failures.join("\n")}\nchecked ${checked} facts against Python, ${failures.length} unexpected\n`,
);
assert.ok(checked > 3000);
process.exitCode = failures.length === 0 ? 0 : 1;
