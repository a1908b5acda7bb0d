import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../base/bytes.ts";
import { findPart } from "./part-path.ts";
import { scanStructure } from "./structure.ts";

/** The shape of the example in RFC 9051 §6.4.5.1. */
const inner = (body: string) =>
  `Subject: inner\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\n${body}\n--i\nContent-Type: application/x\n\nbin\n--i--\n`;
const message = fromLatin1(
  [
    "Subject: outer\nContent-Type: multipart/mixed; boundary=o\n\n",
    "--o\nX: 1\n\nfirst\n",
    `--o\nContent-Type: message/rfc822\n\n${inner("nested")}`,
    "--o\nContent-Type: multipart/alternative; boundary=a\n\n--a\n\nplain\n--a\n\nhtml\n--a--\n",
    "--o\nContent-Type: message/rfc822\n\nSubject: flat\n\nflat body\n--o--\n",
  ].join(""),
);
const structure = scanStructure(message);

function section(path: string): string | undefined {
  const found = findPart(structure, path);
  return found === undefined ? undefined : latin1(message, found.start, found.end);
}

test("RFC 9051 §6.4.5.1: sections name the bytes that the standard says", () => {
  assert.equal(section(""), latin1(message));
  assert.match(section("HEADER") ?? "", /^Subject: outer\n.*\n\n$/);
  assert.match(section("TEXT") ?? "", /^--o\n[^]*--o--\n$/);
  assert.equal(section("1"), "first");
  assert.equal(section("1.MIME"), "X: 1\n\n");
  assert.match(section("2") ?? "", /^Subject: inner/);
  assert.match(section("2.HEADER") ?? "", /^Subject: inner\n.*\n\n$/);
  assert.match(section("2.TEXT") ?? "", /^--i\n/);
  assert.equal(section("2.MIME"), "Content-Type: message/rfc822\n\n");
  assert.equal(section("2.1"), "nested");
  assert.equal(section("2.2"), "bin");
  assert.equal(section("2.2.MIME"), "Content-Type: application/x\n\n");
  assert.equal(section("3.1"), "plain");
  assert.equal(section("3.2"), "html");
  assert.equal(section("4.1"), "flat body");
  assert.equal(section("4.header"), "Subject: flat\n\n");
});

test("what is not there has no section", () => {
  const absent = ["5", "1.1", "1.HEADER", "1.TEXT", "3.HEADER", "2.3", "4.2", "4.1.1", "MIME"];
  for (const path of [...absent, "0", "1.0", "01", "1.", ".1", "x", "1 ", "HEADER.1"]) {
    assert.equal(section(path), undefined, path);
  }
  assert.equal(section("1.".repeat(5000)), undefined);
});

test("a message that is no multipart has part 1, its body", () => {
  const bytes = fromLatin1("Subject: x\n\nbody");
  const found = findPart(scanStructure(bytes), "1");
  assert.deepEqual([found?.start, found?.end], [12, 16]);
  const mime = findPart(scanStructure(bytes), "1.MIME");
  assert.deepEqual([mime?.start, mime?.end], [0, 12]);
  assert.equal(findPart(scanStructure(bytes), "2"), undefined);
});

test("a message that is an embedded message counts it as part 1", () => {
  const bytes = fromLatin1("Content-Type: message/rfc822\n\nSubject: in\n\nbody");
  const text = (path: string) => {
    const found = findPart(scanStructure(bytes), path);
    return found === undefined ? undefined : latin1(bytes, found.start, found.end);
  };
  assert.equal(text("1"), "Subject: in\n\nbody");
  assert.equal(text("1.HEADER"), "Subject: in\n\n");
  assert.equal(text("1.1"), "body");
  assert.equal(text("1.1.1"), undefined);
});
