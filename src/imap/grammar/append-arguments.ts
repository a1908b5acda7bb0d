import { Refusal } from "../../base/faults.ts";
import type { Flags } from "../../store/mail-changes.ts";
import type { Literal } from "./command-reader.ts";
import { parseDateTime } from "./dates.ts";
import { parseFlagList } from "./flags.ts";
import { parseMailboxName } from "./mailbox-name.ts";
import type { Scanner } from "./scanner.ts";

/** Most messages in one APPEND (RFC 3502). */
export const appendItemsMax = 256;

/** Most pieces in one CATENATE. */
export const catenateMax = 256;

/** A piece of a message that is put together by the server (RFC 4469 §5 cat-part). */
export type CatenatePart =
  | { readonly kind: "text"; readonly literal: Literal }
  | { readonly kind: "url"; readonly url: string };

export interface AppendedItem {
  readonly flags: Flags;
  readonly internalDateMs: number | undefined;
  /** The message, as one or more pieces. */
  readonly pieces: readonly CatenatePart[];
}

export interface AppendArguments {
  readonly mailbox: string;
  readonly items: readonly AppendedItem[];
}

/** One message takes the place of another (RFC 8508 §5). */
export interface ReplaceArguments {
  /** Sequence number or UID; `Infinity` is "*". */
  readonly number: number;
  readonly mailbox: string;
  readonly item: AppendedItem;
}

/** RFC 9051 §6.3.12, RFC 3502 §6.3.11 (several messages), RFC 9755 §4 (UTF8 data), RFC 4469 §5. */
export function parseAppend(scanner: Scanner): AppendArguments {
  const mailbox = parseMailboxName(scanner);
  const items: AppendedItem[] = [];
  scanner.space();
  do {
    if (items.length >= appendItemsMax) throw new Refusal("limit", "Too many messages at once.");
    items.push(parseItem(scanner));
  } while (scanner.skip(" "));
  scanner.end();
  return { mailbox, items };
}

/** RFC 8508 §5. */
export function parseReplace(scanner: Scanner): ReplaceArguments {
  const number = scanner.skip("*") ? Infinity : scanner.number("a message number", 4_294_967_295);
  if (number === 0) throw scanner.error("Message numbers begin at 1.");
  scanner.space();
  const mailbox = parseMailboxName(scanner);
  scanner.space();
  const item = parseItem(scanner);
  scanner.end();
  return { number, mailbox, item };
}

function parseItem(scanner: Scanner): AppendedItem {
  let flags: Flags = { system: 0, keywords: [] };
  if (scanner.peek() === "(") {
    flags = parseFlagList(scanner);
    scanner.space();
  }
  let internalDateMs: number | undefined;
  if (scanner.peek() === '"') {
    internalDateMs = parseDateTime(scanner);
    scanner.space();
  }
  return { flags, internalDateMs, pieces: parsePieces(scanner) };
}

function parsePieces(scanner: Scanner): readonly CatenatePart[] {
  if (!scanner.skip("CATENATE ")) return [{ kind: "text", literal: parseMessage(scanner) }];
  const parsePiece = (): CatenatePart => {
    if (scanner.skip("TEXT ")) return { kind: "text", literal: scanner.literal("a text") };
    scanner.expect("URL ", "TEXT or URL");
    return { kind: "url", url: scanner.astring("a URL") };
  };
  return scanner.list(parsePiece, { allowEmpty: false, itemsMax: catenateMax });
}

function parseMessage(scanner: Scanner): Literal {
  if (!scanner.skip("UTF8 (")) return scanner.literal("the message");
  const literal = scanner.literal("the message");
  if (!literal.isBinary) throw scanner.error("UTF8 takes a literal8.");
  scanner.expect(")", '")"');
  return literal;
}
