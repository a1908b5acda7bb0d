import { utf8 } from "../../base/bytes.ts";
import { joinReplyLines, parseReplyLine } from "../grammar/reply.ts";
import type { Reply, ReplyLine } from "../grammar/reply.ts";

/** What came is not an answer of SMTP. */
export class BadReply extends Error {
  override name = "BadReply";
}

/** Most characters of a remote's words that are kept. */
const replyTextMax = 500;

/** Gathers lines until the answer is whole. Bounded by `linesMax`; the caller bounds each line. */
export class ReplyCollector {
  readonly #linesMax: number;
  readonly #lines: ReplyLine[] = [];

  constructor(linesMax: number) {
    this.#linesMax = linesMax;
  }

  /**
   * Takes a line without its end. Returns the answer with its last line, undefined before.
   * @throws BadReply
   */
  push(line: Uint8Array): Reply | undefined {
    const text = clean(utf8(line));
    const parsed = parseReplyLine(text);
    if (parsed === undefined) throw new BadReply(`not an answer: ${text.slice(0, 80)}`);
    this.#lines.push(parsed);
    if (parsed.isLast) return joinReplyLines(this.#lines);
    if (this.#lines.length >= this.#linesMax) throw new BadReply("an answer without end");
    return undefined;
  }
}

/** The remote's words as one line of at most 500 characters, without code and status. */
export function replyText(reply: Reply): string {
  return reply.lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ")
    .slice(0, replyTextMax);
}

/** Control characters never reach logs, journeys and notices. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, "?");
}
