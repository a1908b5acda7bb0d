import { fromLatin1 } from "../base/bytes.ts";
import { decodeCharset } from "./charset.ts";
import { decodeHeaderText, withoutNul } from "./encoded-words.ts";
import { trimBlanks } from "./grammar/blanks.ts";
import { messageLimits } from "./limits.ts";
import type { MessageLimits } from "./limits.ts";
import { decodeHexEscapes } from "./transfer-encoding.ts";

/** A parameter: its name in lower case, its decoded value. */
export type Parameter = readonly [name: string, value: string];

/** A structured field such as Content-Type: what stands before the first semicolon, and the rest. */
export interface ParameterizedValue {
  /** Without comments, trimmed, case kept. */
  readonly value: string;
  /** In order of first appearance, no name twice (the first wins). */
  readonly params: readonly Parameter[];
  /** Steps taken, for the work bound. */
  readonly steps: number;
  readonly isTruncated: boolean;
}

/**
 * Reads `value; name=value; …` (RFC 2045 §5.1) with the continuations, charsets and languages of
 * RFC 2231, from an unfolded value given one character per byte. Encoded-words in a value and raw
 * 8-bit text, both forbidden and both common, are decoded too. Malformed pieces are skipped.
 */
export function parseParameterized(
  text: string,
  limits: MessageLimits = messageLimits,
): ParameterizedValue {
  const end = Math.min(text.length, limits.parameterBytesMax);
  const cursor = { text, end, at: 0 };
  const value = readValue(cursor, false);
  const simple: [string, string][] = [];
  const pieces = new Map<string, Piece[]>();
  let count = 0;
  while (cursor.at < end && count < limits.parametersMax) {
    cursor.at++; // the semicolon
    const name = readName(cursor);
    if (text.charCodeAt(cursor.at) !== EQUALS || cursor.at >= end) {
      readValue(cursor, true);
      continue;
    }
    cursor.at++;
    const raw = readValue(cursor, true);
    if (name === "") continue;
    count++;
    const star = name.indexOf("*");
    if (star < 0) simple.push([name, raw]);
    else addPiece(pieces, name, star, raw);
  }
  const isTruncated = cursor.at < text.length;
  return { value, params: joinParameters(simple, pieces), steps: cursor.at + 1, isTruncated };
}

/** The value of the parameter of that name (lower case). */
export function findParameter(params: readonly Parameter[], name: string): string | undefined {
  return params.find(([each]) => each === name)?.[1];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

interface TextCursor {
  readonly text: string;
  readonly end: number;
  at: number;
}

interface Piece {
  readonly index: number;
  readonly isEncoded: boolean;
  readonly raw: string;
}

function readName(cursor: TextCursor): string {
  const { text, end } = cursor;
  const start = cursor.at;
  while (cursor.at < end) {
    const code = text.charCodeAt(cursor.at);
    if (code === EQUALS || code === SEMICOLON) break;
    cursor.at++;
  }
  return trimBlanks(text, start, cursor.at).toLowerCase();
}

/** Reads up to the next semicolon, without comments; quoted strings lose their quotes. */
function readValue(cursor: TextCursor, isParameter: boolean): string {
  const { text, end } = cursor;
  const start = cursor.at;
  const plainEnd = findSpecial(text, start, end);
  if (plainEnd === end || text.charCodeAt(plainEnd) === SEMICOLON) {
    cursor.at = plainEnd;
    return trimBlanks(text, start, plainEnd);
  }
  let value = "";
  let isQuoted = false;
  while (cursor.at < end) {
    const code = text.charCodeAt(cursor.at);
    if (code === SEMICOLON) break;
    if (code === QUOTE && isParameter) {
      if (!isQuoted) value = trimBlanks(value);
      isQuoted = true;
      value += readQuoted(cursor);
    } else if (code === OPEN) skipComment(cursor);
    else {
      if (!isQuoted || (code !== 0x20 && code !== 0x09)) value += text.charAt(cursor.at);
      cursor.at++;
    }
  }
  return isQuoted ? value : trimBlanks(value);
}

function findSpecial(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === SEMICOLON || code === QUOTE || code === OPEN) return at;
  }
  return end;
}

function readQuoted(cursor: TextCursor): string {
  const { text, end } = cursor;
  let value = "";
  let from = ++cursor.at;
  for (; cursor.at < end; cursor.at++) {
    const code = text.charCodeAt(cursor.at);
    if (code === QUOTE) {
      value += text.slice(from, cursor.at++);
      return value;
    }
    if (code === BACKSLASH && cursor.at + 1 < end) {
      value += text.slice(from, cursor.at++);
      from = cursor.at;
    }
  }
  return value + text.slice(from, end);
}

function skipComment(cursor: TextCursor): void {
  const { text, end } = cursor;
  let depth = 0;
  for (; cursor.at < end; cursor.at++) {
    const code = text.charCodeAt(cursor.at);
    if (code === BACKSLASH) cursor.at++;
    else if (code === OPEN) depth++;
    else if (code === CLOSE && --depth === 0) {
      cursor.at++;
      return;
    }
  }
  cursor.at = end;
}

/** `name*`, `name*0`, `name*0*` (RFC 2231 §3, §4). */
function addPiece(pieces: Map<string, Piece[]>, name: string, star: number, raw: string): void {
  const rest = name.slice(star + 1);
  const isEncoded = rest === "" || rest.endsWith("*");
  const digits = rest.endsWith("*") ? rest.slice(0, -1) : rest;
  if (!/^\d{0,4}$/.test(digits) || star === 0) return;
  const list = pieces.get(name.slice(0, star)) ?? [];
  list.push({ index: Number(digits), isEncoded, raw });
  pieces.set(name.slice(0, star), list);
}

function joinParameters(
  simple: readonly [string, string][],
  pieces: ReadonlyMap<string, Piece[]>,
): Parameter[] {
  const params = new Map<string, string>();
  for (const [name, list] of pieces) {
    const joined = joinPieces(list);
    if (joined !== undefined) params.set(name, joined);
  }
  for (const [name, raw] of simple) if (!params.has(name)) params.set(name, decodeHeaderText(raw));
  return [...params];
}

/** Puts the pieces 0, 1, 2, … together; what comes after a gap is lost (RFC 2231 §3). */
function joinPieces(list: readonly Piece[]): string | undefined {
  const byIndex = new Map<number, Piece>();
  for (const piece of list) if (!byIndex.has(piece.index)) byIndex.set(piece.index, piece);
  const first = byIndex.get(0);
  if (first === undefined) return undefined;
  const mark = first.isEncoded ? /^([^']{0,64})'([^']{0,64})'/.exec(first.raw) : undefined;
  const charset = mark?.[1] === "" ? undefined : mark?.[1];
  const chunks: Uint8Array[] = [];
  for (let index = 0; ; index++) {
    const piece = byIndex.get(index);
    if (piece === undefined) break;
    const raw = fromLatin1(index === 0 && mark ? piece.raw.slice(mark[0].length) : piece.raw);
    chunks.push(piece.isEncoded ? decodeHexEscapes(raw, "%") : raw);
  }
  return withoutNul(decodeCharset(Buffer.concat(chunks), charset));
}

/**
 * Writes `; name=value` for a field that is being built: a token or quoted string when ASCII, the
 * extended form of RFC 2231 §4 in UTF-8 otherwise, in pieces when long.
 */
export function formatParameter(name: string, value: string): string {
  if (/^[\x20-\x7e]*$/.test(value) && value.length <= 60) {
    if (/^[^\s()<>@,;:\\"/[\]?=]+$/.test(value)) return `; ${name}=${value}`;
    return `; ${name}="${value.replace(/["\\]/g, "\\$&")}"`;
  }
  const encoded = encodeExtended(value);
  const line = 60 - name.length;
  if (encoded.length <= line) return `; ${name}*=utf-8''${encoded}`;
  let formatted = "";
  let rest = `utf-8''${encoded}`;
  for (let index = 0; rest !== ""; index++) {
    let cut = Math.min(rest.length, Math.max(line, 20));
    if (rest.charAt(cut - 1) === "%") cut -= 1;
    else if (rest.charAt(cut - 2) === "%") cut -= 2;
    // Not inside a character: some readers decode each piece alone.
    while (/^%[89AB]/.test(rest.slice(cut, cut + 2))) cut -= 3;
    formatted += `; ${name}*${index}*=${rest.slice(0, cut)}`;
    rest = rest.slice(cut);
  }
  return formatted;
}

/** Percent-encoding with the attribute characters of RFC 2231 §7 left as they are. */
export function encodeExtended(value: string): string {
  let encoded = "";
  for (const byte of Buffer.from(value, "utf8")) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9!#$&+.^_`{|}~-]/.test(character)) encoded += character;
    else encoded += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
