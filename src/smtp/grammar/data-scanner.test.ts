import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat, fromLatin1, latin1 } from "../../base/bytes.ts";
import { DataScanner } from "./data-scanner.ts";

interface Seen {
  readonly isClean: boolean;
  readonly text: string;
  /** What came behind the end; undefined when there was no end. */
  readonly rest: string | undefined;
}

function scan(pieces: readonly string[]): Seen {
  const scanner = new DataScanner();
  const parts: Uint8Array[] = [];
  for (const [at, piece] of pieces.entries()) {
    const step = scanner.push(fromLatin1(piece));
    parts.push(...step.parts);
    if (step.end < 0) continue;
    const rest = piece.slice(step.end) + pieces.slice(at + 1).join("");
    return { isClean: scanner.isClean, text: latin1(concat(parts)), rest };
  }
  return { isClean: scanner.isClean, text: latin1(concat(parts)), rest: undefined };
}

/** The plain reading of RFC 5321 §4.1.1.4 and §4.5.2, on the whole text at once. */
function reference(text: string): Seen {
  const end = `\r\n${text}`.indexOf("\r\n.\r\n");
  const body = end < 0 ? text : text.slice(0, end);
  const isClean = !/\r(?!\n)|(?<!\r)\n/.test(body);
  const unstuffed = `\r\n${body}`.replaceAll("\r\n.", "\r\n").slice(2);
  return { isClean, text: unstuffed, rest: end < 0 ? undefined : text.slice(end + 3) };
}

test("RFC 5321 §4.5.2: dots at line starts are taken off, the last line's end stays", () => {
  assert.deepEqual(scan(["a\r\n..b\r\n.c\r\n.\r\nQUIT\r\n"]), {
    isClean: true,
    text: "a\r\n.b\r\nc\r\n",
    rest: "QUIT\r\n",
  });
  assert.deepEqual(scan([".\r\n"]), { isClean: true, text: "", rest: "" });
});

test("only CRLF.CRLF ends data: fourteen malformed ends do not, and make it unclean", () => {
  const ends = [
    "\n.\n",
    "\n.\r\n",
    "\r\n.\n",
    "\r.\r",
    "\r.\r\n",
    "\r\n.\r",
    "\n.\r",
    "\r.\n",
    "\r\n\x00.\r\n",
    "\r\r\n.\r\r\n",
    "\r\n.\r\r\n",
    "\n\n.\r\n",
    "\r\n.\x00\r\n",
    "\r\n. \r\n",
  ];
  for (const end of ends) {
    const seen = scan([`Subject: a\r\n\r\nb${end}MAIL FROM:<evil@example.org>\r\n.\r\n`]);
    assert.equal(seen.rest, "", JSON.stringify(end));
    const isOnlyText = !/\r(?!\n)|(?<!\r)\n/.test(end);
    assert.equal(seen.isClean, isOnlyText, JSON.stringify(end));
  }
});

test("the end is the same however the bytes are cut", () => {
  const text = "a\r\n..\r\n.b\rc\n\r\n.\r\r\n\r\n.\r\n.\r\nX";
  const whole = scan([text]);
  for (let at = 0; at <= text.length; at++) {
    const cut = scan([text.slice(0, at), text.slice(at)]);
    assert.equal(cut.rest, whole.rest);
    assert.equal(cut.isClean, whole.isClean);
  }
  assert.equal(scan([...text]).rest, whole.rest);
});

test("agrees with the plain reading for any bytes and cuts", () => {
  const pieces = fc.array(
    fc.array(fc.constantFrom("\r\n", "\r\n", "\r", "\n", ".", ".", "a", "bc", "\r\n.\r\n"), {
      maxLength: 6,
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(pieces, (words) => {
      const texts = words.map((piece) => piece.join(""));
      const seen = scan(texts);
      const wanted = reference(texts.join(""));
      assert.equal(seen.rest, wanted.rest);
      if (wanted.rest === undefined) return;
      assert.equal(seen.isClean, wanted.isClean);
      if (wanted.isClean) assert.equal(seen.text, wanted.text);
    }),
    { numRuns: 500 },
  );
});
