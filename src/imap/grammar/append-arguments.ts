import { Refusal } from "../../base/faults.ts";
import type { Flags } from "../../store/mail-changes.ts";
import type { Literal } from "./command-reader.ts";
import { parseDateTime } from "./dates.ts";
import { parseFlagList } from "./flags.ts";
import { parseMailboxName } from "./mailbox-name.ts";
import type { Scanner } from "./scanner.ts";

/** Most messages in one APPEND (RFC 3502). */
export const appendItemsMax = 256;

export interface AppendArguments {
  readonly mailbox: string;
  readonly items: readonly {
    readonly flags: Flags;
    readonly internalDateMs: number | undefined;
    readonly literal: Literal;
  }[];
}

/** RFC 9051 §6.3.12, RFC 3502 §6.3.11 (several messages), RFC 9755 §4 (UTF8 data). */
export function parseAppend(scanner: Scanner): AppendArguments {
  const mailbox = parseMailboxName(scanner);
  const items: AppendArguments["items"][number][] = [];
  scanner.space();
  do {
    if (items.length >= appendItemsMax) throw new Refusal("limit", "Too many messages at once.");
    items.push(parseItem(scanner));
  } while (scanner.skip(" "));
  scanner.end();
  return { mailbox, items };
}

function parseItem(scanner: Scanner): AppendArguments["items"][number] {
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
  return { flags, internalDateMs, literal: parseMessage(scanner) };
}

function parseMessage(scanner: Scanner): Literal {
  if (!scanner.skip("UTF8 (")) return scanner.literal("the message");
  const literal = scanner.literal("the message");
  if (!literal.isBinary) throw scanner.error("UTF8 takes a literal8.");
  scanner.expect(")", '")"');
  return literal;
}
