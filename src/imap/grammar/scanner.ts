import { latin1, utf8, fromLatin1, concat } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import { astringChar, atomChar, digit, quotedChar } from "./classes.ts";
import type { Literal } from "./command-reader.ts";

/** Deepest nesting of parentheses in any command. */
export const nestingMax = 32;
/** Longest string where text is wanted (names, search words, header names), bytes. */
export const stringBytesMax = 64 * 1024;

/** Stands in a command's text for the literal that came there. Never comes from the wire. */
export const literalMark = "\0";

/** Octets, one character each, as the UTF-8 text that they spell. */
export function decodeOctets(octets: string): string {
  // oxlint-disable-next-line no-control-regex -- ASCII
  return /^[\x00-\x7f]*$/.test(octets) ? octets : utf8(fromLatin1(octets));
}

/**
 * A place in one command's text (one character per byte, literals taken out). Only moves forward,
 * so that every grammar written with it is linear in the command's length.
 */
export class Scanner {
  readonly text: string;
  /** Whether the client may write mailbox names and quoted strings as UTF-8 (RFC 9051, 6855). */
  readonly isUtf8: boolean;
  at: number;
  /** Characters looked at and tokens taken: the oracle of the fuzz tests. */
  steps = 0;
  readonly #literals: readonly Literal[];
  #literalsTaken = 0;
  #depth = 0;

  constructor(text: string, literals: readonly Literal[] = [], isUtf8 = false, at = 0) {
    this.text = text;
    this.#literals = literals;
    this.isUtf8 = isUtf8;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, or "" at the end. */
  peek(): string {
    return this.text.charAt(this.at);
  }

  /** Whether the rest begins with `word` in any letter case; does not move. */
  looksAt(word: string): boolean {
    this.steps++;
    return this.text.slice(this.at, this.at + word.length).toUpperCase() === word;
  }

  /** Takes `token` (upper case) if the rest begins with it in any letter case. */
  skip(token: string): boolean {
    if (!this.looksAt(token)) return false;
    this.at += token.length;
    this.steps += token.length;
    return true;
  }

  /** @throws Refusal `syntax` unless the rest begins with `token`. */
  expect(token: string, what: string): void {
    if (!this.skip(token)) throw this.error(`Expected ${what}.`);
  }

  space(): void {
    this.expect(" ", "a space");
  }

  end(): void {
    if (!this.isAtEnd) throw this.error("Unexpected text at the end of the command.");
  }

  /** The longest run of characters of a class, "" when there is none. */
  run(charClass: Uint8Array): string {
    const { text } = this;
    const start = this.at;
    let at = start;
    while (at < text.length && charClass[text.charCodeAt(at)] === 1) at++;
    this.at = at;
    this.steps += at - start + 1;
    return text.slice(start, at);
  }

  atom(what: string): string {
    const atom = this.run(atomChar);
    if (atom === "") throw this.error(`Expected ${what}.`);
    return atom;
  }

  /** An atom in upper case, for names that have no letter case. */
  keyword(what: string): string {
    return this.atom(what).toUpperCase();
  }

  /** 0 to 2^53 - 1; RFC 9051 §9 number, number64, and mod-sequence-value. */
  number(what: string, max = Number.MAX_SAFE_INTEGER): number {
    const digits = this.run(digit);
    const value = Number(digits);
    if (digits === "" || digits.length > 20) throw this.error(`Expected ${what}.`);
    if (value > max) throw this.error(`The number of ${what} is too large.`);
    return value;
  }

  /** astring as octets (RFC 9051 §9). */
  astring(what: string): string {
    const atom = this.run(astringChar);
    return atom === "" ? this.string(what) : atom;
  }

  /** Quoted string or literal as octets. */
  string(what: string): string {
    const next = this.peek();
    if (next === '"') return this.#quoted();
    if (next === literalMark) return this.#literalText();
    throw this.error(`Expected ${what}.`);
  }

  /** string or NIL; undefined for NIL. */
  nstring(what: string): string | undefined {
    return this.skip("NIL") ? undefined : this.string(what);
  }

  /** The bytes of a literal or literal8, not joined. */
  literal(what: string): Literal {
    if (this.peek() !== literalMark) throw this.error(`Expected ${what} as a literal.`);
    const literal = this.#literals[this.#literalsTaken];
    if (literal === undefined) throw this.error("Unexpected NUL.");
    this.at++;
    this.steps++;
    this.#literalsTaken++;
    return literal;
  }

  /** "(" items separated by single spaces ")"; an empty list only where `allowEmpty`. */
  list<Item>(item: () => Item, options: { allowEmpty: boolean; itemsMax: number }): Item[] {
    this.open();
    const items: Item[] = [];
    if (options.allowEmpty && this.skip(")")) {
      this.#depth--;
      return items;
    }
    do {
      if (items.length >= options.itemsMax) throw new Refusal("limit", "The list is too long.");
      items.push(item());
    } while (this.skip(" "));
    this.close();
    return items;
  }

  open(): void {
    this.expect("(", "(");
    if (++this.#depth > nestingMax) throw this.error("Parentheses nested too deep.");
  }

  close(): void {
    this.expect(")", ")");
    this.#depth--;
  }

  error(text: string): Refusal {
    return new Refusal("syntax", text);
  }

  #quoted(): string {
    const { text } = this;
    let octets = "";
    let start = ++this.at;
    for (;;) {
      this.run(quotedChar);
      octets += text.slice(start, this.at);
      const stop = text.charAt(this.at++);
      if (stop === '"') return octets;
      const escaped = text.charAt(this.at);
      if (stop !== "\\" || (escaped !== '"' && escaped !== "\\")) {
        throw this.error("The quoted string is not well formed.");
      }
      octets += escaped;
      start = ++this.at;
    }
  }

  #literalText(): string {
    const literal = this.literal("a string");
    if (literal.isBinary) throw this.error("A literal8 is not possible here.");
    if (literal.sizeBytes > stringBytesMax) throw new Refusal("tooLong", "The string is too long.");
    this.steps += literal.sizeBytes;
    const octets = latin1(concat(literal.parts));
    if (octets.includes("\0")) throw this.error("NUL is not possible here.");
    return octets;
  }
}
