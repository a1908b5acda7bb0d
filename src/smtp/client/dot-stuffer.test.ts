import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromLatin1, latin1 } from "../../base/bytes.ts";
import { DataScanner } from "../grammar/data-scanner.ts";
import { DotStuffer } from "./dot-stuffer.ts";

function stuff(pieces: readonly string[]): string {
  const stuffer = new DotStuffer();
  let out = "";
  for (const piece of pieces) stuffer.push(fromLatin1(piece), (bytes) => (out += latin1(bytes)));
  return out + stuffer.end();
}

/** What is meant: every CR, LF or CRLF ends a line. */
function normalized(text: string): string {
  const lines = text.replace(/\r\n|\r|\n/g, "\r\n");
  return lines === "" || lines.endsWith("\r\n") ? lines : `${lines}\r\n`;
}

const pieces = fc.array(fc.string({ unit: fc.constantFrom("\r", "\n", ".", "a", "\xff") }));

test("what the receiver takes off is what was put on, however the bytes are cut", () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const scanner = new DataScanner();
      const wire = fromLatin1(stuff(parts));
      const { parts: found, end } = scanner.push(wire);
      assert.equal(end, wire.length);
      assert.ok(scanner.isClean);
      assert.equal(found.map((part) => latin1(part)).join(""), normalized(parts.join("")));
    }),
    { numRuns: 300 },
  );
});

test("no content can look like the end of data (SMTP smuggling)", () => {
  for (const content of ["\n.\n", "\r.\r", "\r\n.\r", "\n.\r\n", "\r.\r\nMAIL", "\r\n.\r\n"]) {
    const wire = stuff([content]);
    assert.equal(wire.indexOf("\r\n.\r\n"), wire.length - 5, JSON.stringify(content));
    assert.ok(!/\r(?!\n)|(?<!\r)\n/.test(wire));
  }
});

test("content without dots or bare line ends is passed on without a copy", () => {
  const piece = fromLatin1("one\r\ntwo\r\n");
  const out: Uint8Array[] = [];
  new DotStuffer().push(piece, (bytes) => out.push(bytes));
  assert.equal(out.length, 1);
  assert.equal(out[0]?.buffer, piece.buffer);
});
