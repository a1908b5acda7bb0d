import { parseMailParameters, parseRcptParameters } from "./parameters.ts";
import type { MailParameters, RcptParameters } from "./parameters.ts";
import { parsePath, type ParsedPath, type Path } from "./path.ts";
import { badArgument, SmtpRefusal } from "./refusals.ts";

export interface MailArgument extends MailParameters {
  readonly sender: Exclude<Path, { kind: "postmaster" }>;
}

export interface RcptArgument extends RcptParameters {
  readonly recipient: Exclude<Path, { kind: "null" }>;
}

/**
 * Reads "FROM:<path> parameters" (RFC 5321 §4.1.1.2).
 * @throws SmtpRefusal 501, 553 (an address beyond ASCII without SMTPUTF8, RFC 6531 §3.5), 555.
 */
export function parseMailArgument(argument: string): MailArgument {
  const { path, rest } = splitArgument(argument, "FROM:");
  if (path.kind === "postmaster") throw badPath("The sender needs a domain.", "5.1.7");
  const parameters = parseMailParameters(rest);
  if (path.kind === "mailbox" && path.isUtf8 && !parameters.isUtf8) throw needsSmtpUtf8();
  return { sender: path, ...parameters };
}

/**
 * Reads "TO:<path> parameters" (RFC 5321 §4.1.1.3).
 * @throws SmtpRefusal 501, 555.
 */
export function parseRcptArgument(argument: string): RcptArgument {
  const { path, rest } = splitArgument(argument, "TO:");
  if (path.kind === "null") throw badPath("The recipient is empty.", "5.1.3");
  return { recipient: path, ...parseRcptParameters(rest) };
}

/** RFC 6531 §3.5: an address beyond ASCII in a transaction that did not ask for SMTPUTF8. */
export function needsSmtpUtf8(): SmtpRefusal {
  return new SmtpRefusal("syntax", 553, "5.6.7", "Addresses beyond ASCII need SMTPUTF8.");
}

/**
 * One or more spaces behind the colon are let through: RFC 5321 §3.3 forbids them, and old
 * devices send them. Brackets are not optional.
 */
function splitArgument(
  argument: string,
  keyword: "FROM:" | "TO:",
): { path: ParsedPath["path"]; rest: string } {
  if (argument.slice(0, keyword.length).toUpperCase() !== keyword) {
    throw badArgument(`Write ${keyword}<address>.`);
  }
  const text = argument.slice(keyword.length).trimStart();
  const parsed = parsePath(text);
  if (parsed === undefined) {
    throw badPath(`Write ${keyword}<address>.`, keyword === "FROM:" ? "5.1.7" : "5.1.3");
  }
  const rest = text.slice(parsed.end);
  if (rest !== "" && !rest.startsWith(" ")) throw badPath("A space is missing.", "5.5.4");
  return { path: parsed.path, rest: rest.trim() };
}

function badPath(text: string, status: string): SmtpRefusal {
  return new SmtpRefusal("syntax", 501, status, text);
}
