import { assert } from "../../base/assert.ts";
import { concat, fromLatin1, latin1 } from "../../base/bytes.ts";
import { DataScanner } from "./data-scanner.ts";
import { LineEndCheck } from "./line-ends.ts";

/**
 * The first byte says how long the pieces are, the rest is mail data: end, cleanness and text are
 * those of the plain reading of RFC 5321 §4.5.2, however it is cut.
 */
export function fuzz(bytes: Uint8Array): void {
  const pieceBytes = (bytes[0] ?? 0) + 1;
  const data = bytes.subarray(1);
  const text = latin1(data);
  const mark = `\r\n${text}`.indexOf("\r\n.\r\n");
  const body = mark < 0 ? text : text.slice(0, mark);
  const scanner = new DataScanner();
  const parts: Uint8Array[] = [];
  let end = -1;
  for (let at = 0; at < data.length && end < 0; at += pieceBytes) {
    const step = scanner.push(data.subarray(at, at + pieceBytes));
    parts.push(...step.parts);
    if (step.end >= 0) end = at + step.end;
  }
  assert(end === (mark < 0 ? -1 : mark + 3), "the end is CRLF.CRLF");
  if (end < 0) return;
  const isClean = !/\r(?!\n)|(?<!\r)\n/.test(body);
  assert(scanner.isClean === isClean, "clean is without bare CR and LF");
  assert(lineEndsAgree(fromLatin1(body), pieceBytes) === isClean, "chunks are judged alike");
  if (!isClean) return;
  const wanted = `\r\n${body}`.replaceAll("\r\n.", "\r\n").slice(2);
  assert(latin1(concat(parts)) === wanted, "dots are taken off and nothing else");
}

function lineEndsAgree(body: Uint8Array, pieceBytes: number): boolean {
  const check = new LineEndCheck();
  for (let at = 0; at < body.length; at += pieceBytes) {
    check.push(body.subarray(at, at + pieceBytes));
  }
  return check.isCleanAtEnd();
}

export const seeds: readonly Uint8Array[] = [
  "\x03Subject: a\r\n\r\n..b\r\n.\r\n",
  "\x00.\r\n",
  "\x01a\r\n.\r\n.\r\nQUIT\r\n",
  "\x05a\n.\n\r.\r\r\n.\n\n.\r\n\r\n.\r\r\n.\r\n",
  "\xffa\r\r\n.\r\n",
].map(fromLatin1);
