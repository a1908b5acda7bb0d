import { fromLatin1, fromUtf8 } from "../base/bytes.ts";
import { decodeCharset } from "./charset.ts";
import { decodeBase64, decodeHexEscapes } from "./transfer-encoding.ts";

const CHARSET_LENGTH_MAX = 64;
const WORD_LENGTH_MAX = 75; // RFC 2047 §2

/**
 * The text of an unfolded header value given one character per byte: raw 8-bit text is read as
 * UTF-8 when it is that and as Windows-1252 otherwise, then encoded-words are decoded. The result
 * holds no NUL and no half of a surrogate pair.
 */
export function decodeHeaderText(raw: string): string {
  return withoutNul(decodeEncodedWords(decodeRawText(raw)));
}

/** Text given one character per byte: as UTF-8 when it is that, else as Windows-1252. */
export function decodeRawText(raw: string): string {
  // oxlint-disable-next-line no-control-regex -- the test is for ASCII
  return /^[\x00-\x7f]*$/.test(raw) ? raw : decodeCharset(fromLatin1(raw), undefined);
}

/** Databases and C programs cannot keep NUL in text. */
export function withoutNul(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\ufffd") : text;
}

interface EncodedWord {
  readonly charset: string;
  readonly encoding: "b" | "q";
  readonly content: string;
  /** Index after the closing `?=`. */
  readonly end: number;
}

/**
 * Decodes the encoded-words of RFC 2047 (with the language of RFC 2231 §5) wherever they stand, and
 * drops white space between two of them. Neighbours in one charset are joined before decoding,
 * because senders cut characters in two. What is not well-formed stays as it is. Linear.
 */
export function decodeEncodedWords(text: string): string {
  let at = text.indexOf("=?");
  if (at < 0) return text;
  const lastClose = text.lastIndexOf("?=");
  let decoded = text.slice(0, at);
  let waiting: { charset: string; chunks: Uint8Array[] } | undefined;
  const flush = () => {
    if (waiting !== undefined) {
      decoded += decodeCharset(Buffer.concat(waiting.chunks), waiting.charset);
    }
    waiting = undefined;
  };
  while (at >= 0) {
    const word = readWord(text, at, lastClose);
    const from = word === undefined ? at : word.end;
    if (word !== undefined) {
      if (waiting?.charset !== word.charset) flush();
      waiting ??= { charset: word.charset, chunks: [] };
      waiting.chunks.push(decodeContent(word));
    }
    const next = text.indexOf("=?", word === undefined ? at + 2 : from);
    const between = text.slice(from, next < 0 ? text.length : next);
    if (word === undefined || next < 0 || !/^[ \t\r\n]+$/.test(between)) {
      flush();
      decoded += between;
    } else if (readWord(text, next, lastClose) === undefined) {
      flush();
      decoded += between;
    }
    at = next;
  }
  flush();
  return decoded;
}

/** `lastClose` is where the last `?=` stands: nobody looks for one beyond it, again and again. */
function readWord(text: string, start: number, lastClose: number): EncodedWord | undefined {
  const charsetEnd = text.indexOf("?", start + 2);
  const charsetLength = charsetEnd - start - 2;
  if (charsetLength < 1 || charsetLength > CHARSET_LENGTH_MAX) return undefined;
  const encoding = text.charAt(charsetEnd + 1).toLowerCase();
  if ((encoding !== "b" && encoding !== "q") || text.charAt(charsetEnd + 2) !== "?") {
    return undefined;
  }
  const contentStart = charsetEnd + 3;
  if (contentStart > lastClose) return undefined;
  const contentEnd = text.indexOf("?=", contentStart);
  const content = text.slice(contentStart, contentEnd);
  const [charset = ""] = text.slice(start + 2, charsetEnd).split("*", 1);
  return { charset: charset.toLowerCase(), encoding, content, end: contentEnd + 2 };
}

function decodeContent(word: EncodedWord): Uint8Array {
  const bytes = fromUtf8(word.content);
  if (word.encoding === "b") return decodeBase64(bytes);
  return decodeHexEscapes(fromUtf8(word.content.replaceAll("_", " ")), "=");
}

/** How `encodeWords` cuts. */
export interface EncodeWordsOptions {
  /** Characters of one encoded-word, at most 75 (RFC 2047 §2). */
  readonly lengthMax?: number;
  /** Also encode text that could stand as it is: its words are too long for a line. */
  readonly isForced?: boolean;
}

/**
 * Text as encoded-words in UTF-8 where it needs them, else as it is: `=?utf-8?Q?…?=` when most is
 * ASCII, B otherwise, each at most 75 characters, cut between characters, joined by one space.
 */
export function encodeWords(text: string, options: EncodeWordsOptions = {}): string {
  const { lengthMax = WORD_LENGTH_MAX, isForced = false } = options;
  // A text that looks encoded is encoded, so that the reader gets what the writer typed.
  if (!isForced && /^[\t\x20-\x7e]*$/.test(text) && !text.includes("=?")) return text;
  const bytes = fromUtf8(text);
  const escaped = bytes.reduce((count, byte) => count + (isPlainInQ(byte) ? 0 : 1), 0);
  const isQ = escaped * 3 <= bytes.length;
  const prefix = `=?utf-8?${isQ ? "Q" : "B"}?`;
  const contentMax = Math.min(lengthMax, WORD_LENGTH_MAX) - prefix.length - 2;
  const words: string[] = [];
  let current = "";
  let currentLength = 0;
  const close = () => words.push(`${prefix}${isQ ? encodeQ(current) : toBase64(current)}?=`);
  for (const character of text) {
    const length = isQ ? encodeQ(character).length : Buffer.byteLength(character);
    const encodedLength = isQ
      ? currentLength + length
      : Math.ceil((currentLength + length) / 3) * 4;
    if (encodedLength > contentMax) {
      close();
      current = "";
      currentLength = 0;
    }
    current += character;
    currentLength += length;
  }
  if (current !== "") close();
  return words.join(" ");
}

function toBase64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

/** RFC 2047 §5 (3), the strictest place: a phrase. */
function isPlainInQ(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x20 ||
    byte === 0x21 ||
    byte === 0x2a ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2f
  );
}

function encodeQ(text: string): string {
  let encoded = "";
  for (const byte of fromUtf8(text)) {
    if (byte === 0x20) encoded += "_";
    else if (isPlainInQ(byte)) encoded += String.fromCharCode(byte);
    else encoded += `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
