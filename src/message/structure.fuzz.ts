import { assert } from "../base/assert.ts";
import { fromLatin1 } from "../base/bytes.ts";
import { formatBodyStructure } from "./body-structure.ts";
import { scanStructure } from "./structure.ts";
import type { MessagePart, MessageStructure } from "./structure.ts";

export const seeds: readonly Uint8Array[] = [
  "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n--b--\r\n",
  'Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/digest; boundary="a b"\r\n\r\n--a b\r\n\r\nFrom: x\r\n--a b--',
  "From: a <b@c>\nTo: g: x@y, (c) z@w;\nSubject: =?utf-8?q?=c5=a1?=\n\n--\n-- \n",
].map(fromLatin1);

/** Steps allowed for each byte and for each message: the bound of README invariant 2. */
const STEPS_PER_BYTE = 20;
const STEPS_PER_MESSAGE = 200;

export function fuzz(bytes: Uint8Array): void {
  checkStructure(bytes, scanStructure(bytes));
}

/** Throws when a structure breaks the room's invariants 2, 3 or 5. */
export function checkStructure(bytes: Uint8Array, structure: MessageStructure): void {
  const stepsMax = STEPS_PER_BYTE * bytes.length + STEPS_PER_MESSAGE;
  assert(structure.steps <= stepsMax, `${structure.steps} steps for ${bytes.length} bytes`);
  assert(structure.root.headerStart === 0, "the root begins at 0");
  assert(structure.root.bodyEnd === bytes.length, "the root ends at the end");
  checkPart(structure.root, 0, bytes.length);
  for (const isExtended of [true, false]) checkWire(formatBodyStructure(structure, isExtended));
}

function checkPart(part: MessagePart, from: number, to: number): void {
  const { headerStart, bodyStart, bodyEnd, lines } = part;
  assert(from <= headerStart && headerStart <= bodyStart, "a part begins inside its parent");
  assert(bodyStart <= bodyEnd && bodyEnd <= to, `a body ends inside its parent`);
  assert(lines === undefined || (lines >= 0 && lines <= bodyEnd - bodyStart), "lines fit the body");
  assert(part.parts === undefined || part.parts.length > 0, "a multipart has a part");
  let at = bodyStart;
  for (const child of part.parts ?? []) {
    checkPart(child, at, bodyEnd);
    at = child.bodyEnd;
  }
  if (part.message !== undefined) {
    assert(part.message.root.headerStart === bodyStart, "an embedded message is the body");
    assert(part.message.root.bodyEnd === bodyEnd, "an embedded message fills the body");
    checkPart(part.message.root, bodyStart, bodyEnd);
    checkWire(part.message.envelope);
  }
}

/** Throws unless the text is one balanced IMAP list of strings, literals, numbers and NIL. */
export function checkWire(text: string): void {
  let depth = 0;
  let at = 0;
  const token = /\{(\d+)\}\r\n|"(?:[^"\\\r\n\0\x80-\uffff]|\\["\\])*"|NIL|\d+|[() ]/y;
  while (at < text.length) {
    token.lastIndex = at;
    const match = token.exec(text);
    assert(match !== null, `not IMAP at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    at += match[0].length;
    if (match[0] === "(") depth++;
    if (match[0] === ")") depth--;
    assert(depth > 0 || at === text.length, "one list, closed at the end");
    const literalLength = Number(match[1] ?? 0);
    const literal = text.slice(at, at + literalLength);
    assert(literal.length === literalLength && !literal.includes("\0"), "a literal is whole");
    at += literalLength;
  }
  assert(depth === 0, "the list is closed");
  for (let i = 0; i < text.length; i++) assert(text.charCodeAt(i) < 0x100, "one byte each");
}
