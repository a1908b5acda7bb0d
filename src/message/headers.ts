import { concat, latin1 } from "../base/bytes.ts";
import { decodeHeaderText } from "./encoded-words.ts";
import { trimBlanks } from "./grammar/blanks.ts";
import { messageLimits } from "./limits.ts";
import type { MessageLimits } from "./limits.ts";

/** Where one header field lies: byte offsets in the message. */
export interface HeaderField {
  /** In lower case, without the colon and spaces before it. */
  readonly name: string;
  /** First byte of the name. */
  readonly start: number;
  /** First byte after the colon. */
  readonly valueStart: number;
  /** After the line end of the last line. */
  readonly end: number;
}

/** The header of a message or of a MIME part. */
export interface Header {
  readonly fields: readonly HeaderField[];
  /** Byte offset of the header's first byte. */
  readonly start: number;
  /** Byte offset of the body: after the empty line, or the end of the bytes. */
  readonly bodyStart: number;
  /** The header's bytes as Latin-1 (maybe with some of the body behind them). */
  readonly text: string;
  /** A limit was met: fields are missing, or the body begins early. */
  readonly isTruncated: boolean;
}

/** Asked for each line that begins with two hyphens whether the part ends there. */
export type HeaderStop = (lineStart: number) => boolean;

const LF = 0x0a;
const CR = 0x0d;
const HYPHEN = 0x2d;
const COLON = 0x3a;
/** How much is looked at first: a message's header is longer than that of a part. */
const CHUNK_BYTES = 2048;
const PART_CHUNK_BYTES = 512;
const emptyLine = Buffer.from("\r\n");

/**
 * Reads the header that begins at `start` (RFC 5322 §2.2). Lines may end in CRLF or LF. A line that
 * is neither a field nor a continuation is skipped, but one that begins with two hyphens begins the
 * body. One pass; only the header's own bytes are decoded.
 */
export function readHeader(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
  limits: MessageLimits = messageLimits,
  stop?: HeaderStop,
): Header {
  const fields: HeaderField[] = [];
  const textEnd = Math.min(end, start + limits.headerBytesMax);
  const chunkBytes = start === 0 ? CHUNK_BYTES : PART_CHUNK_BYTES;
  let text = latin1(bytes, start, Math.min(textEnd, start + chunkBytes));
  let isTruncated = false;
  let name: string | undefined;
  let fieldStart = 0;
  let valueStart = 0;
  const finish = (fieldEnd: number) => {
    if (name === undefined) return;
    if (fields.length >= limits.headerFieldsMax) isTruncated = true;
    else {
      fields.push({
        name,
        start: start + fieldStart,
        valueStart: start + valueStart,
        end: start + fieldEnd,
      });
    }
    name = undefined;
  };
  let at = 0;
  for (;;) {
    let lineEnd = text.indexOf("\n", at) + 1;
    while (lineEnd === 0 && start + text.length < textEnd) {
      const searched = text.length;
      text = latin1(bytes, start, Math.min(textEnd, start + text.length * 4));
      lineEnd = text.indexOf("\n", searched) + 1;
    }
    if (lineEnd === 0) {
      if (textEnd < end) isTruncated = true;
      lineEnd = text.length;
    }
    if (at === lineEnd) break; // no more bytes
    const first = text.charCodeAt(at);
    if (first === LF || (first === CR && lineEnd === at + 2)) {
      finish(at);
      return { fields, start, bodyStart: start + lineEnd, text, isTruncated };
    }
    if (first !== 0x20 && first !== 0x09) {
      const colon = findColon(text, at, lineEnd);
      const isDashed = first === HYPHEN && text.charCodeAt(at + 1) === HYPHEN;
      // A sender who forgot the empty line: the body begins with a boundary.
      if (isDashed && (colon < 0 || stop?.(start + at))) break;
      finish(at);
      if (colon > at) {
        name = text.slice(at, colon).trimEnd().toLowerCase();
        fieldStart = at;
        valueStart = colon + 1;
      }
    }
    at = lineEnd;
  }
  finish(at);
  return { fields, start, bodyStart: start + at, text, isTruncated };
}

/** The colon that ends a field name: nothing but printable ASCII and trailing blanks before it. */
function findColon(text: string, from: number, lineEnd: number): number {
  for (let at = from; at < lineEnd; at++) {
    const code = text.charCodeAt(at);
    if (code === COLON) return at;
    if (code > 0x20 && code < 0x7f) continue;
    if (code !== 0x20 && code !== 0x09) return -1;
    while (text.charCodeAt(at + 1) === 0x20 || text.charCodeAt(at + 1) === 0x09) at++;
    if (text.charCodeAt(at + 1) !== COLON) return -1;
  }
  return -1;
}

/** A field's value unfolded and trimmed (RFC 5322 §2.2.3), one character per byte, not decoded. */
export function rawValue(header: Header, field: HeaderField): string {
  const from = field.valueStart - header.start;
  const value = trimBlanks(header.text, from, field.end - header.start);
  return value.includes("\n") ? value.replace(/\r?\n/g, "") : value;
}

/** A field's value unfolded, with raw 8-bit text and encoded-words (RFC 2047) decoded. */
export function decodedValue(header: Header, field: HeaderField): string {
  return decodeHeaderText(rawValue(header, field));
}

/** The first field of that name (any case). */
export function findHeader(header: Header, name: string): HeaderField | undefined {
  const wanted = name.toLowerCase();
  return header.fields.find((field) => field.name === wanted);
}

/** The unfolded, undecoded value of the first field of that name. */
export function findRawValue(header: Header, name: string): string | undefined {
  const field = findHeader(header, name);
  return field === undefined ? undefined : rawValue(header, field);
}

/**
 * The answer to HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 9051 §6.4.5): the fields whose names are,
 * or are not, in `names`, byte for byte and in order, and the empty line that ends a header.
 */
export function filterHeader(
  bytes: Uint8Array,
  header: Header,
  names: readonly string[],
  keep: "only" | "except",
): Uint8Array {
  const listed = new Set(names.map((name) => name.toLowerCase()));
  const kept = header.fields
    .filter((field) => listed.has(field.name) === (keep === "only"))
    .map((field) => bytes.subarray(field.start, field.end));
  return concat([...kept, emptyLine]);
}
