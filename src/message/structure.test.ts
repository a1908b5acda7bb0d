import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromLatin1, latin1 } from "../base/bytes.ts";
import { readCorpus } from "./corpus.ts";
import { messageLimits } from "./limits.ts";
import { findFileName, scanStructure } from "./structure.ts";
import type { MessagePart, MessageStructure } from "./structure.ts";
import { checkStructure } from "./structure.fuzz.ts";

const crlf = (text: string) => fromLatin1(text.replaceAll("\n", "\r\n"));

/** The tree as `type/subtype(children)`. */
function outline(part: MessagePart): string {
  const children = part.message === undefined ? part.parts : [part.message.root];
  const inner = children === undefined ? "" : `(${children.map(outline).join(" ")})`;
  return `${part.type}/${part.subtype}${inner}`;
}

function bodies(bytes: Uint8Array, part: MessagePart): string[] {
  if (part.parts !== undefined) return part.parts.flatMap((each) => bodies(bytes, each));
  if (part.message !== undefined) return bodies(bytes, part.message.root);
  return [latin1(bytes, part.bodyStart, part.bodyEnd)];
}

function scan(text: string): { bytes: Uint8Array; structure: MessageStructure } {
  const bytes = crlf(text);
  return { bytes, structure: scanStructure(bytes) };
}

test("a message without MIME fields is one plain text (RFC 2045 §5.2)", () => {
  const { structure } = scan("Subject: x\n\none\ntwo\n");
  assert.deepEqual(structure.root, {
    headerStart: 0,
    bodyStart: 14,
    bodyEnd: 24,
    lines: 2,
    type: "text",
    subtype: "plain",
    params: [],
    encoding: "7bit",
  });
});

test("the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1)", () => {
  const text =
    "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n\n--b\n\n--b--\nepilogue\n";
  const { bytes, structure } = scan(text);
  assert.deepEqual(bodies(bytes, structure.root), ["one\r\n", ""]);
});

test("blanks after a boundary are allowed, anything else makes it text", () => {
  const text = "Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\none\n--bx\n--b-\n--b-- \n";
  const { bytes, structure } = scan(text);
  assert.deepEqual(bodies(bytes, structure.root), ["one\r\n--bx\r\n--b-"]);
});

test("a boundary of an outer multipart ends all inner ones", () => {
  const text =
    "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n" +
    "--i\n\none\n--o\nContent-Type: text/html\n\ntwo\n--i\n--o--\n";
  const { bytes, structure } = scan(text);
  assert.equal(outline(structure.root), "multipart/mixed(multipart/mixed(text/plain) text/html)");
  assert.deepEqual(bodies(bytes, structure.root), ["one", "two\r\n--i"]);
});

test("a multipart that has no parts shows its body as text", () => {
  for (const type of ["multipart/mixed", "multipart/mixed; boundary=never"]) {
    const { bytes, structure } = scan(`Content-Type: ${type}\n\nread me\n`);
    assert.equal(outline(structure.root), "multipart/mixed(text/plain)");
    assert.deepEqual(bodies(bytes, structure.root), ["read me\r\n"]);
  }
});

test("parts of multipart/digest are messages unless they say otherwise (RFC 2046 §5.1.5)", () => {
  const { structure } = scan(
    "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\nx\n--b\nContent-Type: text/plain\n\ny\n--b--\n",
  );
  assert.equal(outline(structure.root), "multipart/digest(message/rfc822(text/plain) text/plain)");
});

test("an embedded message has its envelope, its parts, and all its lines", () => {
  const inner =
    "Subject: in\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\none\ntwo\n--i--\n";
  const { structure } = scan(`Content-Type: message/rfc822\n\n${inner}`);
  assert.equal(outline(structure.root), "message/rfc822(multipart/mixed(text/plain))");
  assert.equal(structure.root.lines, 8);
  assert.match(structure.root.message?.envelope ?? "", /^\(NIL "in" NIL/);
  assert.equal(structure.root.message?.root.parts?.[0]?.lines, 1);
});

test("lines of nested messages are all counted, once", () => {
  const { structure } = scan(
    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n" +
      "Content-Type: message/rfc822\n\nSubject: deep\n--b\n\nlast\n--b--\n",
  );
  const first = structure.root.parts?.[0];
  assert.equal(first?.lines, 3);
  assert.equal(first?.message?.root.lines, 1);
});

test("a message that is encoded again is not taken apart", () => {
  const { structure } = scan(
    "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA0KDQo=\n",
  );
  assert.equal(outline(structure.root), "message/rfc822");
});

test("Content- fields of a part are read, the first of each kind", () => {
  const { structure } = scan(
    "Content-Type: Image/PNG; NAME=a.png\nContent-Type: text/plain\n" +
      "Content-Transfer-Encoding: BASE64 (really)\nContent-ID: <x@y>\nContent-Description: a\n  b\n" +
      "Content-MD5: abc=\nContent-Language: hr, en\nContent-Location: http://x/\n  y\n" +
      "Content-Disposition: Attachment; filename*=utf-8''%C4%8D.png\n\n",
  );
  const { headerStart: _h, bodyStart: _s, bodyEnd: _e, ...fields } = structure.root;
  assert.deepEqual(fields, {
    type: "image",
    subtype: "png",
    params: [["name", "a.png"]],
    encoding: "base64",
    id: "<x@y>",
    description: "a  b",
    md5: "abc=",
    language: ["hr", "en"],
    location: "http://x/y",
    disposition: { type: "attachment", params: [["filename", "č.png"]] },
  });
  assert.equal(findFileName(structure.root), "č.png");
});

test("a part between two boundary lines in a row is empty and inside its parent", () => {
  const { bytes, structure } = scan(
    "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n--i\n--o--\n",
  );
  checkStructure(bytes, structure);
  assert.deepEqual(bodies(bytes, structure.root), [""]);
});

test("line feeds alone end lines too", () => {
  const bytes = fromLatin1("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n");
  assert.deepEqual(bodies(bytes, scanStructure(bytes).root), ["one"]);
});

test("nesting deeper than the limit ends in a text part", () => {
  let text = "";
  for (let depth = 0; depth < 200; depth++) {
    text += `Content-Type: multipart/mixed; boundary=b${depth}x\n\n--b${depth}x\n`;
  }
  const { structure } = scan(text);
  assert.equal(structure.isTruncated, true);
  assert.equal(outline(structure.root).match(/multipart/g)?.length, messageLimits.depthMax + 1);
  assert.match(outline(structure.root), /multipart\/mixed\(text\/plain\)/);
});

test("messages in messages stop at the limit too", () => {
  const { structure } = scan("Content-Type: message/rfc822\n\n".repeat(500));
  assert.equal(structure.isTruncated, true);
  assert.equal(outline(structure.root).match(/rfc822/g)?.length, messageLimits.depthMax + 1);
});

test("more parts than the limit are left out", () => {
  const { structure } = scan(
    `Content-Type: multipart/mixed; boundary=b\n\n${"--b\n\nx\n".repeat(5000)}--b--\n`,
  );
  assert.equal(structure.isTruncated, true);
  assert.equal(structure.root.parts?.length, messageLimits.partsMax - 1);
});

test("floods of header, fields and parameters are cut at their limits", () => {
  const small = { ...messageLimits, headerBytesMax: 1000, headerFieldsMax: 10, parametersMax: 5 };
  const cases = [
    `Subject: ${"x".repeat(5000)}\n\nbody`,
    `${"X: y\n".repeat(100)}\nbody`,
    `Content-Type: text/plain${"; a=b".repeat(50)}\n\nbody`,
  ];
  for (const text of cases) {
    const structure = scanStructure(crlf(text), small);
    assert.equal(structure.isTruncated, true, text.slice(0, 20));
  }
});

test("work stays linear for hyphen floods under deep nesting", () => {
  let text = "";
  for (let depth = 0; depth < 49; depth++) {
    text += `Content-Type: multipart/mixed; boundary=-${"-".repeat(depth)}a\n\n---${"-".repeat(depth)}a\n`;
  }
  const bytes = crlf(`${text}\n${"--\n".repeat(20_000)}`);
  checkStructure(bytes, scanStructure(bytes));
});

test("the invariants hold for the corpus, whole and cut anywhere", () => {
  for (const { bytes } of readCorpus()) {
    const step = Math.max(1, Math.floor(bytes.length / 40));
    for (let end = 0; end <= bytes.length; end += step) {
      const cut = bytes.subarray(0, end);
      checkStructure(cut, scanStructure(cut));
    }
  }
});

test("the invariants hold for messages made of MIME pieces at random", () => {
  const pieces = fc.constantFrom(
    "Content-Type: multipart/mixed; boundary=b\r\n",
    "Content-Type: multipart/digest; boundary=c\r\n",
    "Content-Type: message/rfc822\r\n",
    "Content-Type: text/html; charset=utf-8\r\n",
    "Subject: x\r\n y\r\n",
    "\r\n",
    "\n",
    "\r",
    "--b\r\n",
    "--b--\r\n",
    "--c\n",
    "--c--",
    "text\r\n",
    " ",
    "-",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (list) => {
      const bytes = fromLatin1(list.join(""));
      checkStructure(bytes, scanStructure(bytes));
    }),
    { numRuns: 500 },
  );
});
