import { assert } from "../../base/assert.ts";
import { concat, fromLatin1, fromUtf8 } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import { parseCommandLine } from "./command.ts";
import { parseMailArgument, parseRcptArgument } from "./envelope.ts";
import { parsePath, type Path } from "./path.ts";
import { formatReply, joinReplyLines, parseReplyLine, reply } from "./reply.ts";
import { formatXtext, parseXtext } from "./xtext.ts";

/** Any line is a command or a refusal; what is accepted is in one canonical form. */
export function fuzz(bytes: Uint8Array): void {
  checkReply(Buffer.from(bytes).toString("utf8"));
  let argument: string;
  try {
    const command = parseCommandLine(bytes);
    argument = command.argument;
    assert(!command.verb.includes(" "), "a verb ends at a space");
  } catch (error) {
    assert(error instanceof Refusal, "a bad line is refused");
    return;
  }
  checkXtext(argument);
  checkArgument(() => parseMailArgument(argument).sender);
  checkArgument(() => parseRcptArgument(argument).recipient);
}

function checkArgument(parse: () => Path): void {
  let path: Path;
  try {
    path = parse();
  } catch (error) {
    assert(error instanceof Refusal, "a bad argument is refused");
    return;
  }
  if (path.kind !== "mailbox") return;
  const again = parsePath(`<${path.address}>`)?.path;
  assert(again?.kind === "mailbox", "a canonical address can be read");
  assert(again.address === path.address, "and is canonical");
  assert(again.localPart === path.localPart, "and means the same");
  // oxlint-disable-next-line no-control-regex -- the test is for them
  assert(!/[\x00-\x1f\x7f]/.test(path.address), "without control characters");
}

function checkXtext(text: string): void {
  const decoded = parseXtext(text);
  if (decoded === undefined) return;
  assert(parseXtext(formatXtext(decoded)) === decoded, "xtext goes there and back");
}

function checkReply(text: string): void {
  const wire = formatReply(reply(250, "2.0.0", text, text));
  const lines = wire.split("\r\n");
  assert(lines.length === 3 && lines[2] === "", "a reply has the lines that it was given");
  const parsed = lines.slice(0, 2).flatMap((line) => parseReplyLine(line) ?? []);
  assert(parsed.length === 2, "all of them reply lines");
  assert(joinReplyLines(parsed)?.status === "2.0.0", "with one status");
  parseReplyLine(text);
}

export const seeds: readonly Uint8Array[] = [
  fromLatin1("MAIL FROM:<ana@example.org> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=a+2Bb AUTH=<>"),
  fromLatin1('RCPT TO:<"a b\\"c>"@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+40b'),
  fromLatin1("RCPT TO:<@a.example,@b.example:ana@[IPv6:2001:db8::192.0.2.1]>"),
  concat([fromLatin1("MAIL FROM:<"), fromUtf8("đorđe@münchen.example"), fromLatin1("> SMTPUTF8")]),
  fromLatin1("RCPT TO:<Postmaster>"),
  fromLatin1("EHLO [192.0.2.1]"),
  fromLatin1("550-5.1.1 no"),
];
