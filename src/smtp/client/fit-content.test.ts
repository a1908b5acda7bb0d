import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromLatin1, latin1 } from "../../base/bytes.ts";
import { scanStructure, type MessagePart } from "../../message/structure.ts";
import { decodeTransfer } from "../../message/transfer-encoding.ts";
import { findContentFacts } from "./content-facts.ts";
import { fitContent } from "./fit-content.ts";

const version = "MIME-Version: 1.0\r\n";

function fit(text: string, allows8Bit = false): string | undefined {
  const fitted = fitContent(fromLatin1(text), allows8Bit);
  return fitted === undefined ? undefined : latin1(fitted);
}

/** Decoded bodies of the parts that hold no others. */
function leaves(text: string): readonly string[] {
  const bytes = fromLatin1(text);
  const walk = (part: MessagePart): readonly string[] => {
    const children = part.parts ?? (part.message && [part.message.root]);
    if (children !== undefined) return children.flatMap(walk);
    const body = bytes.subarray(part.bodyStart, part.bodyEnd);
    return [latin1(decodeTransfer(body, part.encoding))];
  };
  return walk(scanStructure(bytes).root);
}

test("8-bit text becomes quoted-printable, and its field says so (RFC 6152 §3)", () => {
  const text = `${version}Content-Transfer-Encoding: 8bit\r\nSubject: x\r\n\r\na=\xe8\r\n`;
  const encoding = "Content-Transfer-Encoding: quoted-printable\r\n";
  assert.equal(fit(text), `${version}${encoding}Subject: x\r\n\r\na=3D=E8\r\n`);
});

test("only parts that need it are changed, in embedded messages too", () => {
  const part = (header: string, body: string) => `--b\r\n${header}\r\n${body}\r\n`;
  const embedded = `Subject: inner\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xe9`;
  const text = [
    `${version}Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`,
    part("Content-Type: text/plain\r\n", "plain"),
    part("Content-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n", "\xff\0\n"),
    part("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n", embedded),
    "--b--\r\n",
  ].join("");
  const fitted = fit(text) ?? "";
  assert.deepEqual(leaves(fitted), ["plain", "\xff\0\n", "\xe9"]);
  assert.match(fitted, /boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n--b\r\n/);
  assert.match(fitted, /Content-Type: text\/plain\r\n\r\nplain\r\n/);
  assert.match(fitted, /message\/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n/);
});

test("a binary message for a server with 8BITMIME keeps its 8-bit text (RFC 3030 §3)", () => {
  const text = `${version}Content-Transfer-Encoding: binary\r\n\r\n\xe8\r\n`;
  assert.equal(fit(text, true), text.replace("binary", "8bit"));
});

test("what cannot be encoded is refused", () => {
  const signed = `${version}Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\xe8\r\n--b--\r\n`;
  for (const text of [
    "Subject: no MIME\r\n\r\n\xe8\r\n",
    `${version}Subject: \xe8\r\n\r\nx\r\n`,
    `${version}Content-Transfer-Encoding: base64\r\n\r\n\xe8\r\n`,
    `${version}Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble \xe8\r\n--b\r\n\r\nx\r\n--b--\r\n`,
    signed,
  ]) {
    assert.equal(fit(text), undefined, JSON.stringify(text));
  }
});

test("whatever the bytes, the result is fit for the server and means the same", () => {
  const body = fc.string({
    unit: fc.constantFrom("a", " ", "=", ".", "\r\n", "\r", "\n", "\0", "\xe8"),
  });
  fc.assert(
    fc.property(body, fc.boolean(), (text, allows8Bit) => {
      const message = `${version}Content-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n\r\n${text}`;
      const fitted = fit(message, allows8Bit);
      assert.ok(fitted !== undefined);
      const facts = findContentFacts(fromLatin1(fitted));
      assert.ok(!facts.isBinary && (allows8Bit || !facts.has8Bit));
      assert.deepEqual(leaves(fitted), [text]);
    }),
    { numRuns: 200 },
  );
});
