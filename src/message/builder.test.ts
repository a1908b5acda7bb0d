import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latin1, utf8 } from "../base/bytes.ts";
import { parseAddressList } from "./addresses.ts";
import { buildMessage, formatHeaderField } from "./builder.ts";
import type { MessageContent } from "./builder.ts";
import { decodeCharset } from "./charset.ts";
import { digestMessage } from "./digest.ts";
import { decodedValue, findHeader, readHeader } from "./headers.ts";
import { findPart } from "./part-path.ts";
import { findFileName, scanStructure } from "./structure.ts";
import type { MessagePart } from "./structure.ts";
import { decodeTransfer } from "./transfer-encoding.ts";

const context = {
  nowMs: 1_795_590_900_000,
  messageId: "1@golub.example",
  boundarySeed: "seed0000seed",
};
const from = parseAddressList("Đorđe Šarić <djordje@primjer.hr>");
const build = (content: Partial<MessageContent>) =>
  buildMessage({ from, text: "Bok!", ...content }, context);

/** What RFC 5322 §2.1.1 and §2.3 ask of every line. */
function checkLines(bytes: Uint8Array): void {
  const text = latin1(bytes);
  assert.doesNotMatch(text, /[^\r]\n|\r[^\n]/);
  for (const line of text.split("\r\n")) assert.ok(line.length <= 998, line.slice(0, 80));
}

function bodyText(bytes: Uint8Array, part: MessagePart | undefined): string {
  assert.ok(part);
  const body = bytes.subarray(part.bodyStart, part.bodyEnd);
  return decodeCharset(decodeTransfer(body, part.encoding), "utf-8");
}

test("a short ASCII message is readable as it stands", () => {
  const bytes = buildMessage(
    {
      from: parseAddressList("Ana <ana@x.hr>"),
      to: parseAddressList("b@x.hr"),
      subject: "Hi",
      text: "one\ntwo",
    },
    context,
  );
  assert.equal(
    latin1(bytes),
    "Date: Wed, 25 Nov 2026 07:15:00 +0000\r\nFrom: Ana <ana@x.hr>\r\nTo: b@x.hr\r\nSubject: Hi\r\n" +
      "Message-ID: <1@golub.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n" +
      "Content-Transfer-Encoding: 7bit\r\n\r\none\r\ntwo\r\n",
  );
});

test("the digest of a built message says what went in", () => {
  const bytes = build({
    to: parseAddressList('"Nowak, Jan" <jan@przyklad.pl>, tim: a@x;'),
    cc: parseAddressList("Ивайло <ivaylo@primer.bg>"),
    replyTo: parseAddressList("r@x"),
    sender: { kind: "mailbox", name: "", local: "s", domain: "x" },
    subject: "Re: Račun — žurno ✓ ".repeat(8).trim(),
    inReplyTo: "2@x",
    references: ["1@x", "2@x"],
    headers: [["X-Spam-Note", "čist"]],
    text: "Šaljem račun.\nPozdrav",
    html: "<p>Šaljem <b>račun</b>.</p>",
    attachments: [{ fileName: "račun.pdf", contentType: "application/pdf", content: bytes1000 }],
  });
  checkLines(bytes);
  const digest = digestMessage(bytes);
  assert.equal(digest.from, "Đorđe Šarić <djordje@primjer.hr>");
  assert.equal(digest.to, "Nowak, Jan <jan@przyklad.pl>, tim: a@x;");
  assert.equal(digest.cc, "Ивайло <ivaylo@primer.bg>");
  assert.equal(digest.subject, "Re: Račun — žurno ✓ ".repeat(8).trim());
  assert.deepEqual(digest.references, ["1@x", "2@x"]);
  assert.equal(digest.dateMs, context.nowMs);
  assert.equal(digest.messageId, "1@golub.example");
  assert.equal(digest.preview, "Šaljem račun. Pozdrav");
  assert.equal(digest.hasAttachment, true);
  assert.deepEqual(digest.fileNames, ["račun.pdf"]);
  const file = findPart(digest.structure, "2");
  assert.ok(file);
  const content = decodeTransfer(bytes.subarray(file.start, file.end), "base64");
  assert.deepEqual([...content], [...bytes1000]);
});

const bytes1000 = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) & 255);

test("images of the HTML are related to it, files are mixed in around", () => {
  const bytes = build({
    html: '<img src="cid:logo">',
    attachments: [
      { fileName: "logo.png", contentType: "image/png", content: bytes1000, contentId: "logo" },
      { fileName: "a.bin", contentType: "not a type", content: bytes1000 },
    ],
  });
  const { root } = scanStructure(bytes);
  const [related, file] = root.parts ?? [];
  assert.equal(root.subtype, "mixed");
  assert.equal(related?.subtype, "related");
  assert.deepEqual(
    related?.parts?.map(({ subtype }) => subtype),
    ["alternative", "png"],
  );
  assert.equal(related?.parts?.[1]?.id, "<logo>");
  assert.equal(file?.type, "application");
  assert.equal(file && findFileName(file), "a.bin");
});

test("a boundary never occurs in the parts, even if the writer knows it", () => {
  const text = "--=_seed0000seeda\r\n--=_seed0000seeda--\r\n";
  const bytes = build({ text, html: "<p>x" });
  assert.equal(bodyText(bytes, scanStructure(bytes).root.parts?.[0]), text);
});

test("any text comes back as it was, with CRLF line ends", () => {
  const pieces = fc.constantFrom(
    "a",
    " ",
    "\n",
    "\r\n",
    "ž",
    ".",
    "From ",
    "=",
    "😀",
    "x".repeat(90),
    "\t",
    "ћ",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (list) => {
      const text = list.join("");
      const bytes = build({ text });
      checkLines(bytes);
      const expected = text.replace(/\r\n|\n/g, "\r\n");
      const ended = expected === "" || expected.endsWith("\r\n") ? expected : `${expected}\r\n`;
      assert.equal(bodyText(bytes, scanStructure(bytes).root), ended);
    }),
  );
});

test("any subject comes back, in lines that fit", () => {
  const subject = fc.string({ unit: "grapheme", maxLength: 300 });
  fc.assert(
    fc.property(subject, (original) => {
      const text = original
        .toWellFormed()
        .replace(/[\p{Cc}\s]+/gu, " ")
        .trim();
      const field = formatHeaderField("Subject", text);
      const header = readHeader(Buffer.from(`${field}\r\n`));
      const found = findHeader(header, "subject");
      assert.ok(found);
      assert.equal(decodedValue(header, found), text);
      for (const line of field.split("\r\n"))
        assert.ok(line.length <= 78 || !line.includes("=?"), line);
    }),
  );
});

test("no value starts a field of its own", () => {
  const evil = "x\r\nBcc: victim@x\r\n\r\nbody";
  const bytes = build({
    subject: evil,
    inReplyTo: evil,
    headers: [
      [`X-A: b\r\nBcc`, evil],
      ["From", evil],
    ],
    to: [{ kind: "mailbox", name: evil, local: evil, domain: evil }],
    attachments: [{ fileName: evil, contentType: evil, content: bytes1000, contentId: evil }],
  });
  checkLines(bytes);
  const names = readHeader(bytes).fields.map(({ name }) => name);
  assert.ok(!names.includes("bcc"), names.join());
  assert.ok(!/\r\nBcc:/i.test(utf8(bytes)));
});

test("a word longer than a line can hold is encoded so that it can be cut", () => {
  const field = formatHeaderField("X-Long", "y".repeat(3000));
  for (const line of field.split("\r\n")) assert.ok(line.length <= 78);
  const header = readHeader(Buffer.from(`${field}\r\n`));
  const [only] = header.fields;
  assert.ok(only);
  assert.equal(decodedValue(header, only), "y".repeat(3000));
});
