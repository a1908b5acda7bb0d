import { Refusal } from "../../base/faults.ts";
import { tagChar } from "./classes.ts";
import { literalMark } from "./scanner.ts";

/** Bytes that came counted (RFC 9051 §4.3), in the pieces in which they arrived. */
export interface Literal {
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  /** literal8: may hold NUL (RFC 3516, RFC 9051 §4.3.1 for APPEND). */
  readonly isBinary: boolean;
}

/** What a line announces at its end. */
export interface LiteralHeader {
  readonly sizeBytes: number;
  readonly isBinary: boolean;
  /** False for "{n+}": the client does not wait (RFC 7888). */
  readonly isSynchronizing: boolean;
}

/** A command as it arrived: text with marks where literals stood. */
export interface RawCommand {
  readonly text: string;
  readonly literals: readonly Literal[];
}

/** Most literals in one command, against floods of "{0+}". */
export const literalCountMax = 512;

/**
 * Puts a command together from lines and literals. Pure: feed it a line; it says whether the
 * command is whole or which literal comes next; feed it that, then the next line.
 */
export class CommandReader {
  #text = "";
  readonly #literals: Literal[] = [];

  /** Characters of lines so far. */
  get textLength(): number {
    return this.#text.length;
  }

  get text(): string {
    return this.#text;
  }

  /**
   * Takes a line without its end, one character per byte.
   * @returns the literal that must follow, or undefined when the command is whole.
   * @throws Refusal `syntax` for NUL, `limit` for too many literals.
   */
  line(line: string): LiteralHeader | undefined {
    if (line.includes(literalMark)) throw new Refusal("syntax", "NUL is not possible here.");
    const match = /(~?)\{(\d{1,20})(\+?)\}$/.exec(line.slice(-24));
    if (match === null || endsInQuotes(line)) {
      this.#text += line;
      return undefined;
    }
    if (this.#literals.length >= literalCountMax) {
      throw new Refusal("limit", "Too many literals in one command.");
    }
    this.#text += line.slice(0, line.length - match[0].length);
    return {
      sizeBytes: Number(match[2]),
      isBinary: match[1] === "~",
      isSynchronizing: match[3] !== "+",
    };
  }

  literal(literal: Literal): void {
    this.#literals.push(literal);
    this.#text += literalMark;
  }

  get command(): RawCommand {
    return { text: this.#text, literals: this.#literals };
  }
}

/** Whether the line ends inside a quoted string, where "{5}" is only text. */
function endsInQuotes(line: string): boolean {
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) {
    at = endOfQuoted(line, at + 1);
    if (at < 0) return true;
  }
  return false;
}

function endOfQuoted(line: string, start: number): number {
  for (let at = start; at < line.length; at++) {
    const char = line.charCodeAt(at);
    if (char === 0x5c) at++;
    else if (char === 0x22) return at;
  }
  return -1;
}

/** The tag at the start of a command's text, for answering even what cannot be read. */
export function findTag(text: string): string | undefined {
  let at = 0;
  while (at < text.length && tagChar[text.charCodeAt(at)] === 1) at++;
  return at > 0 && at <= tagCharsMax ? text.slice(0, at) : undefined;
}

/** Longest tag that is repeated in answers. */
const tagCharsMax = 128;
