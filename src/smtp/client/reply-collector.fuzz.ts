import { assert } from "../../base/assert.ts";
import { fromLatin1, LF } from "../../base/bytes.ts";
import { parseExtensions } from "./extensions.ts";
import { BadReply, ReplyCollector, replyText } from "./reply-collector.ts";

const linesMax = 20;

/** Whatever a server says is an answer with a code from 200 to 599, or no answer at all. */
export function fuzz(bytes: Uint8Array): void {
  let collector = new ReplyCollector(linesMax);
  let lineCount = 0;
  for (let at = 0; at < bytes.length;) {
    const found = bytes.indexOf(LF, at);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(at, end);
    at = end + 1;
    try {
      lineCount++;
      const reply = collector.push(line);
      assert(lineCount <= linesMax, "an answer is bounded");
      if (reply === undefined) continue;
      assert(reply.code >= 200 && reply.code <= 599, "a code is one of SMTP's");
      assert(reply.lines.length === lineCount, "every line is kept");
      const isOwnClass = reply.status?.startsWith(String(Math.trunc(reply.code / 100))) ?? true;
      assert(isOwnClass, "a status has the class of its code");
      const text = replyText(reply);
      assert(text.length <= 500 && !/\p{Cc}/u.test(text), "text is short and without controls");
      const { sizeBytesMax } = parseExtensions(reply.lines);
      assert(Number.isSafeInteger(sizeBytesMax) && sizeBytesMax >= 0, "SIZE is a number");
    } catch (error) {
      if (!(error instanceof BadReply)) throw error;
    }
    collector = new ReplyCollector(linesMax);
    lineCount = 0;
  }
}

export const seeds: readonly Uint8Array[] = [
  "220 mx.example.org ESMTP\n",
  "250-mx.example.org\n250-PIPELINING\n250-SIZE 52428800\n250-AUTH=LOGIN PLAIN\n250 DSN\n",
  "550-5.1.1 no such\n550 5.1.1 user\n",
  "450 5.1.1 wrong class\n",
  "250\n",
  "25\n",
  "199 code\n250-a\n251 b\n",
  "250-LIMITS RCPTMAX=0 MAILMAX=x\n250-SIZE 99999999999999999999\n250 ok\n",
  "250-x\n".repeat(40),
  "554 \u0000\u001b[31m\u0085\n",
].map((text) => fromLatin1(text));
