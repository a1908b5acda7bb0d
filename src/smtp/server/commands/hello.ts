import { defineRow } from "../../../protocol/rows.ts";
import { badArgument } from "../../grammar/refusals.ts";
import { reply } from "../../grammar/reply.ts";
import { ehloLines } from "../ehlo-lines.ts";
import type { Hello, SmtpSession } from "../session.ts";

/** Octets of a greeting's name that we keep; RFC 5321 §4.5.3.1.2 ends domains at 255. */
const nameMax = 255;

/**
 * RFC 5321 §4.1.1.1 wants a domain or an address literal. Deviates: any printable word is taken,
 * since §4.1.4 forbids to refuse mail for a name that does not check; the filter judges it.
 */
function parseName(argument: string): string {
  const name = argument.split(" ", 1)[0] ?? "";
  if (name === "" || name.length > nameMax) throw badArgument("Say your name: EHLO host.example.");
  return name;
}

const phases = ["start", "ready", "mail", "rcpt", "chunks"];

export const helo = defineRow<SmtpSession, string, string>({
  verb: "HELO",
  rfc: "RFC 5321 §4.1.1.1",
  phases,
  endsPipeline: true,
  parse: parseName,
  run(session, name) {
    greet(session, { name, isExtended: false });
    session.answer(reply(250, undefined, session.services.hostName));
  },
});

export const ehlo = defineRow<SmtpSession, string, string>({
  verb: "EHLO",
  rfc: "RFC 5321 §4.1.1.1",
  capabilities: ["PIPELINING", "ENHANCEDSTATUSCODES"],
  phases,
  endsPipeline: true,
  parse: parseName,
  run: greetExtended,
});

export const lhlo = defineRow<SmtpSession, string, string>({
  verb: "LHLO",
  rfc: "RFC 2033 §4.1",
  capabilities: ["PIPELINING", "ENHANCEDSTATUSCODES"],
  phases,
  endsPipeline: true,
  parse: parseName,
  run: greetExtended,
});

function greetExtended(session: SmtpSession, name: string): void {
  greet(session, { name, isExtended: true });
  session.answer(reply(250, undefined, session.services.hostName, ...ehloLines(session)));
}

/** A second greeting ends a transaction like RSET (RFC 5321 §4.1.4). */
function greet(session: SmtpSession, given: Hello): void {
  // XCLIENT: the name that the client gave to the proxy, not the proxy's own.
  const hello = { ...given, name: session.client?.helo ?? given.name };
  const early = session.wire.bufferedBytes;
  session.recorder.add("smtp.greeted", { name: hello.name, isExtended: hello.isExtended });
  if (early > 0) session.recorder.add("smtp.earlyTalker", { before: "EHLO answer", bytes: early });
  session.state = { phase: "ready", hello };
}
