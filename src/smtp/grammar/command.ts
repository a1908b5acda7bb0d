import { isUtf8 } from "node:buffer";
import { latin1, utf8 } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";

/** A command line taken apart: the verb in upper case and whatever follows the space. */
export interface CommandLine {
  readonly verb: string;
  /** Without the space before and without white space at the end; UTF-8 decoded. */
  readonly argument: string;
}

/** Longest verb of any extension is 8 letters; more is not a command. */
const verbBytesMax = 16;

/**
 * Takes a command line (without CRLF) apart. A verb ends at a space or at the end of the line.
 * White space at the end is ignored (RFC 5321 §4.1.1 asks for that tolerance).
 * @throws Refusal `syntax` for control characters (NUL and bare CR among them) and broken UTF-8.
 */
export function parseCommandLine(line: Uint8Array): CommandLine {
  const text = textOf(line);
  const space = text.indexOf(" ");
  const verb = (space < 0 ? text : text.slice(0, space)).toUpperCase();
  if (verb.length > verbBytesMax) throw new Refusal("syntax", "That is not a command.");
  return { verb, argument: space < 0 ? "" : text.slice(space + 1).trim() };
}

function textOf(line: Uint8Array): string {
  let isAscii = true;
  for (const byte of line) {
    if (byte > 0x7e) isAscii = false;
    else if (byte < 0x20 && byte !== 0x09) throw controlCharacter();
    if (byte === 0x7f) throw controlCharacter();
  }
  if (isAscii) return latin1(line).replace(/[ \t]+$/, "");
  if (!isUtf8(line)) throw new Refusal("syntax", "Commands are ASCII or UTF-8.");
  return utf8(line).replace(/[ \t]+$/, "");
}

function controlCharacter(): Refusal {
  return new Refusal("syntax", "Control characters are not allowed in commands.");
}
