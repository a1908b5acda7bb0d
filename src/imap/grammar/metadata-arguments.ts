import { latin1, concat } from "../../base/bytes.ts";
import { parseMailboxName } from "./mailbox-name.ts";
import { literalMark, type Scanner } from "./scanner.ts";

/** Most entries in one command. */
export const entriesMax = 200;
/** Longest name of an entry, bytes. */
export const entryBytesMax = 512;

export interface GetMetadataArguments {
  /** "" is the account itself (RFC 5464 §4.1). */
  readonly mailbox: string;
  readonly options: MetadataOptions;
  /** Lower case. */
  readonly entries: readonly string[];
}

export interface MetadataOptions {
  readonly bytesMax: number;
  /** Levels below the names that are wanted too: 0, 1 or Infinity. */
  readonly depth: number;
}

export interface SetMetadataArguments {
  readonly mailbox: string;
  readonly entries: readonly { readonly name: string; readonly value: string | undefined }[];
}

export const noOptions: MetadataOptions = { bytesMax: Infinity, depth: 0 };

/** RFC 5464 §5 getmetadata: the options before the mailbox, or behind it as in its examples. */
export function parseGetMetadata(scanner: Scanner): GetMetadataArguments {
  let options = noOptions;
  if (scanner.peek() === "(") {
    options = parseOptions(scanner);
    scanner.space();
  }
  const mailbox = parseMailbox(scanner);
  scanner.space();
  if (scanner.looksAt("(MAXSIZE ") || scanner.looksAt("(DEPTH ")) {
    options = parseOptions(scanner);
    scanner.space();
  }
  const entries = parseEntries(scanner);
  scanner.end();
  return { mailbox, options, entries };
}

/** RFC 5464 §5 entries. */
export function parseEntries(scanner: Scanner): readonly string[] {
  const entries =
    scanner.peek() === "("
      ? scanner.list(() => parseEntry(scanner), { allowEmpty: false, itemsMax: entriesMax })
      : [parseEntry(scanner)];
  return [...new Set(entries)];
}

/** RFC 5464 §5 setmetadata. */
export function parseSetMetadata(scanner: Scanner): SetMetadataArguments {
  const mailbox = parseMailbox(scanner);
  scanner.space();
  const names = new Set<string>();
  const parsePair = () => {
    const name = parseEntry(scanner);
    if (names.has(name)) throw scanner.error("An entry is possible once.");
    names.add(name);
    scanner.space();
    return { name, value: parseValue(scanner) };
  };
  const entries = scanner.list(parsePair, { allowEmpty: false, itemsMax: entriesMax });
  scanner.end();
  return { mailbox, entries };
}

function parseMailbox(scanner: Scanner): string {
  if (scanner.skip('""')) return "";
  return parseMailboxName(scanner);
}

function parseOptions(scanner: Scanner): MetadataOptions {
  let { bytesMax, depth } = noOptions;
  const parseOption = () => {
    const name = scanner.keyword("an option");
    scanner.space();
    if (name === "MAXSIZE") bytesMax = scanner.number("a size");
    else if (name === "DEPTH") depth = parseDepth(scanner);
    else throw scanner.error("Unknown option.");
  };
  scanner.list(parseOption, { allowEmpty: false, itemsMax: 2 });
  return { bytesMax, depth };
}

function parseDepth(scanner: Scanner): number {
  const word = scanner.keyword("a depth");
  if (word === "0" || word === "1") return Number(word);
  if (word !== "INFINITY") throw scanner.error("DEPTH is 0, 1 or infinity.");
  return Infinity;
}

/** RFC 5464 §3.2: "/private/…" or "/shared/…", of vendors with two levels more. */
function parseEntry(scanner: Scanner): string {
  const name = scanner.astring("an entry name").toLowerCase();
  const levels = name.split("/");
  const isWhole =
    name.length <= entryBytesMax &&
    /^[\x20-\x7e]+$/.test(name) &&
    !/[*%]/.test(name) &&
    levels[0] === "" &&
    (levels[1] === "private" || levels[1] === "shared") &&
    levels.length >= (levels[2] === "vendor" ? 5 : 3) &&
    !levels.slice(1).includes("");
  if (!isWhole) throw scanner.error("That is no name of an entry (RFC 5464 3.2).");
  return name;
}

/** RFC 5464 §5 value, one character per byte; undefined for NIL. */
function parseValue(scanner: Scanner): string | undefined {
  if (scanner.peek() !== literalMark) return scanner.nstring("a value");
  const octets = latin1(concat(scanner.literal("a value").parts));
  scanner.steps += octets.length;
  return octets;
}
