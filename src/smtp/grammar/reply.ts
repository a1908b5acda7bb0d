/** A whole answer of an SMTP or LMTP server, as plain data. */
export interface Reply {
  /** Three digits, 200 to 599. */
  readonly code: number;
  /** RFC 3463 status ("5.1.1"); absent where RFC 2034 §4 has none (greeting, EHLO, 3xx). */
  readonly status: string | undefined;
  /** At least one; without code, status and line end. */
  readonly lines: readonly string[];
}

/** One line of an answer; the answer goes on until `isLast`. */
export interface ReplyLine {
  readonly code: number;
  readonly isLast: boolean;
  /** What stands behind the code and its separator, status included. */
  readonly text: string;
}

/** RFC 5321 §4.5.3.1.5: octets of a reply line with its CRLF. */
export const replyLineBytesMax = 512;

/** A remote that answers in more lines than this is not talked to any further. */
export const replyLinesMax = 256;

export function reply(code: number, status: string | undefined, ...lines: string[]): Reply {
  return { code, status, lines };
}

/**
 * The answer as it goes out. Control characters and what is not ASCII become "?", lines are cut
 * at the limit of RFC 5321 §4.5.3.1.5: nothing that a client sent can break an answer in two.
 */
export function formatReply(answer: Reply): string {
  const { code, status, lines } = answer;
  const prefix = status === undefined ? "" : `${status} `;
  const textMax = replyLineBytesMax - 6 - prefix.length;
  let out = "";
  for (let at = 0; at < lines.length; at++) {
    const text = printable(lines[at] ?? "").slice(0, textMax);
    out += `${code}${at === lines.length - 1 ? " " : "-"}${prefix}${text}\r\n`;
  }
  return out;
}

const isPrintable = /^[\x20-\x7e]*$/;

function printable(text: string): string {
  return isPrintable.test(text) ? text : text.replace(/[^\x20-\x7e]/g, "?");
}

/**
 * Reads a line without its CRLF (RFC 5321 §4.2). A code alone counts as a last line without text,
 * as the RFC asks of clients.
 * @returns undefined when it is not a reply line.
 */
export function parseReplyLine(line: string): ReplyLine | undefined {
  const digits = /^[2-5][0-9][0-9]/.exec(line);
  if (digits === null) return undefined;
  const separator = line.charAt(3);
  if (separator !== "" && separator !== " " && separator !== "-") return undefined;
  return { code: Number(digits[0]), isLast: separator !== "-", text: line.slice(4) };
}

/**
 * Joins the lines of one answer. The status of RFC 2034 is taken off where every line has it and
 * its class fits the code; otherwise it is text. When lines disagree about the code, the last
 * one counts (RFC 5321 §4.2.1 leaves it open; everybody reads the last).
 * @returns undefined for no lines.
 */
export function joinReplyLines(lines: readonly ReplyLine[]): Reply | undefined {
  const last = lines.at(-1);
  if (last === undefined) return undefined;
  const status = statusOf(last);
  const isEverywhere = status !== undefined && lines.every((line) => statusOf(line) === status);
  return {
    code: last.code,
    status,
    lines: lines.map((line) => (isEverywhere ? line.text.slice(status.length + 1) : line.text)),
  };
}

/** RFC 3463 §2: class "." subject "." detail, of at most three digits each. */
function statusOf(line: ReplyLine): string | undefined {
  const found = /^([245])\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)/.exec(line.text);
  if (found === null || found[1] !== String(line.code).charAt(0)) return undefined;
  return found[0];
}
