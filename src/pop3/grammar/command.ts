import { isUtf8 } from "node:buffer";
import { latin1, SPACE, utf8 } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";

export interface CommandLine {
  /** Upper case; empty for an empty line. */
  readonly verb: string;
  /** What follows the first space, untouched; undefined without a space. */
  readonly argument: string | undefined;
}

/** Longest word that is looked up; RFC 2449 §3 has three or four letters. */
const verbBytesMax = 16;

/**
 * RFC 1939 §3: a keyword and arguments, with single spaces between. The argument is UTF-8
 * (RFC 6856 §2.1), or Latin-1 when it is not that, as old programs send passwords.
 */
export function parseCommandLine(line: Uint8Array): CommandLine {
  const space = line.indexOf(SPACE);
  const verbEnd = space < 0 ? line.length : space;
  const verb = verbEnd > verbBytesMax ? "?" : latin1(line, 0, verbEnd).toUpperCase();
  if (space < 0) return { verb, argument: undefined };
  const rest = line.subarray(space + 1);
  return { verb, argument: isUtf8(rest) ? utf8(rest) : latin1(rest) };
}

/** RFC 1939 §5: a message number, from 1. @throws Refusal `syntax`. */
export function parseMessageNumber(text: string): number {
  const number = parseCount(text);
  if (number === 0) throw new Refusal("syntax", "Messages are numbered from 1.");
  return number;
}

/** A number from 0, of at most nine digits. @throws Refusal `syntax`. */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Refusal("syntax", "A number is missing or malformed.");
  return Number(text);
}

/** Arguments without empty ones: programs put spaces at the end. */
export function splitArguments(argument: string | undefined, countMax: number): string[] {
  const words = (argument ?? "").split(" ").filter((word) => word !== "");
  if (words.length > countMax) throw new Refusal("syntax", "Too many arguments.");
  return words;
}

/** For commands without arguments. @throws Refusal `syntax`. */
export function parseNothing(argument: string | undefined): void {
  splitArguments(argument, 0);
}
