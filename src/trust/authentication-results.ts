import type { Header, HeaderField } from "../message/headers.ts";
import { rawValue } from "../message/headers.ts";

/** What one method found (RFC 8601 §2.2). */
export interface MethodResult {
  /** `spf`, `dkim`, `dmarc`, `arc`, `iprev`, …; lower case. */
  readonly method: string;
  readonly result: string;
  readonly reason?: string;
  /** Of the result, without parentheses; not kept when read. */
  readonly comment?: string;
  /** Such as `["smtp.mailfrom", "a.example"]`. */
  readonly properties: readonly (readonly [name: string, value: string])[];
}

export interface AuthenticationResults {
  /** Who says so. */
  readonly authservId: string;
  readonly results: readonly MethodResult[];
}

/** Results of one field, and properties of one result, that are read. */
const limits = { results: 100, properties: 50 };

/**
 * Reads the value of an Authentication-Results field (RFC 8601 §2.2); results that are malformed
 * are left out. Undefined when nobody says who speaks, or in another version. Linear.
 */
export function parseAuthenticationResults(value: string): AuthenticationResults | undefined {
  const cursor = { text: value, at: 0 };
  skipBlanks(cursor);
  const authservId = readValue(cursor, /[\s;()]/);
  skipBlanks(cursor);
  const version = readValue(cursor, /[\s;()]/);
  if (authservId === "" || (version !== "" && version !== "1")) return undefined;
  const results: MethodResult[] = [];
  while (skipToSemicolon(cursor) && results.length < limits.results) {
    const result = readResult(cursor);
    if (result !== undefined) results.push(result);
  }
  return { authservId: authservId.toLowerCase(), results };
}

/**
 * Writes the field, folded, with CRLF at its end (RFC 8601 §2.2). Values of strangers are quoted and
 * lose what could not stand there.
 */
export function formatAuthenticationResults(
  authservId: string,
  results: readonly MethodResult[],
  name = "Authentication-Results",
): string {
  const parts = results.length === 0 ? ["none"] : results.flatMap(formatResult);
  return `${name}: ${authservId};\r\n\t${parts.join("\r\n\t")}\r\n`;
}

/**
 * The fields that claim to be of this server and, on a message from outside, cannot be (RFC 8601
 * §5): to be removed before our own is added.
 */
export function findForgedResults(header: Header, authservId: string): readonly HeaderField[] {
  const own = authservId.toLowerCase();
  return header.fields.filter((field) => {
    if (field.name !== "authentication-results") return false;
    const value = rawValue(header, field);
    const cursor = { text: value, at: 0 };
    skipBlanks(cursor);
    return readValue(cursor, /[\s;()]/).toLowerCase() === own;
  });
}

/** One line for what was found and one for each long property; the last has a semicolon if more come. */
function formatResult(
  { method, result, reason, comment, properties }: MethodResult,
  index: number,
  all: readonly MethodResult[],
): string[] {
  const words = [
    `${method}=${result}`,
    ...(comment === undefined ? [] : [`(${quotable(comment).replace(/[()\\]/g, "\\$&")})`]),
    ...(reason === undefined ? [] : [`reason=${formatValue(reason, true)}`]),
    ...properties.map(([property, value]) => `${property}=${formatValue(value)}`),
  ];
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > 68) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  const end = index === all.length - 1 ? "" : ";";
  return lines.map((line, at) => (at === lines.length - 1 ? line + end : line));
}

/** RFC 8601 §2.2 pvalue: a token or an address as it is, all else quoted. */
function formatValue(value: string, isQuoted = false): string {
  const text = quotable(value);
  if (!isQuoted && /^[A-Za-z0-9!#$%&'*+\-.^_`{|}~@]+$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Printable, UTF-8 allowed (RFC 8601 §2.2 with RFC 6532), at most 300 characters. */
function quotable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it removes
  return text.replace(/[\x00-\x1f\x7f]+/g, " ").slice(0, 300);
}

interface Cursor {
  readonly text: string;
  at: number;
}

function readResult(cursor: Cursor): MethodResult | undefined {
  const [method, result] = readPair(cursor) ?? [];
  if (method === undefined || result === undefined || !isKeyword(result)) return undefined;
  const properties: [string, string][] = [];
  let reason: string | undefined;
  for (let count = 0; count < limits.properties; count++) {
    const pair = readPair(cursor);
    if (pair === undefined) break;
    if (pair[0] === "reason") reason = pair[1];
    else properties.push(pair);
  }
  const found = { method, result: result.toLowerCase(), properties };
  return reason === undefined ? found : { ...found, reason };
}

/** `name = value`, comments and blanks between; names in lower case. */
function readPair(cursor: Cursor): [string, string] | undefined {
  const name = readName(cursor);
  if (!isKeyword(name) || cursor.text.charAt(cursor.at) !== "=") return undefined;
  cursor.at++;
  skipBlanks(cursor);
  const value = readValue(cursor, /[\s;()]/);
  return value === "" ? undefined : [name, value];
}

/** RFC 8601 §2.2 Keyword, with the dot between type and property. */
function isKeyword(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text);
}

/** A method with its version dropped, or a property, around whose dot there may be blanks. */
function readName(cursor: Cursor): string {
  skipBlanks(cursor);
  let name = readValue(cursor, /[\s=;()"/]/);
  skipBlanks(cursor);
  if (cursor.text.charAt(cursor.at) === "/") {
    cursor.at++;
    skipBlanks(cursor);
    readValue(cursor, /[\s=;()"]/);
    skipBlanks(cursor);
  } else if (cursor.text.charAt(cursor.at) === "." || name.endsWith(".")) {
    name += readValue(cursor, /[\s=;()"]/);
    skipBlanks(cursor);
    if (name.endsWith(".")) name += readValue(cursor, /[\s=;()"]/);
    skipBlanks(cursor);
  }
  return name.toLowerCase();
}

/** A quoted string, or all up to a character of `end`. */
function readValue(cursor: Cursor, end: RegExp): string {
  const { text } = cursor;
  if (text.charAt(cursor.at) !== '"') {
    const start = cursor.at;
    while (cursor.at < text.length && !end.test(text.charAt(cursor.at))) cursor.at++;
    return text.slice(start, cursor.at);
  }
  let value = "";
  for (cursor.at++; cursor.at < text.length; cursor.at++) {
    const character = text.charAt(cursor.at);
    if (character === '"') break;
    if (character === "\\") cursor.at++;
    value += character === "\\" ? text.charAt(cursor.at) : character;
  }
  cursor.at++;
  return value;
}

function skipBlanks(cursor: Cursor): void {
  const { text } = cursor;
  let depth = 0;
  for (; cursor.at < text.length; cursor.at++) {
    const character = text.charAt(cursor.at);
    if (character === "(") depth++;
    else if (character === ")" && depth > 0) depth--;
    else if (character === "\\" && depth > 0) cursor.at++;
    else if (depth === 0 && !/\s/.test(character)) return;
  }
}

/** Moves behind the next semicolon that is not quoted or in a comment; false when there is none. */
function skipToSemicolon(cursor: Cursor): boolean {
  while (cursor.at < cursor.text.length) {
    skipBlanks(cursor);
    const character = cursor.text.charAt(cursor.at);
    if (character === '"') readValue(cursor, /;/);
    else cursor.at++;
    if (character === ";") return true;
  }
  return false;
}
