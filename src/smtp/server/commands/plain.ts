import { Refusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { badArgument, SmtpRefusal } from "../../grammar/refusals.ts";
import { reply } from "../../grammar/reply.ts";
import type { SmtpSession } from "../session.ts";

const always = ["start", "ready", "mail", "rcpt", "chunks"];

function nothing(argument: string): undefined {
  if (argument !== "") throw badArgument("This command has no argument.");
  return undefined;
}

function something(argument: string): string {
  if (argument === "") throw badArgument("Name an address.");
  return argument;
}

export const rset = defineRow<SmtpSession, string, undefined>({
  verb: "RSET",
  rfc: "RFC 5321 §4.1.1.5",
  phases: always,
  parse: nothing,
  run(session) {
    session.reset();
    session.ok("2.0.0", "Ok");
  },
});

export const noop = defineRow<SmtpSession, string, undefined>({
  verb: "NOOP",
  rfc: "RFC 5321 §4.1.1.9",
  phases: always,
  endsPipeline: true,
  parse: () => undefined,
  run: (session) => session.ok("2.0.0", "Ok"),
});

export const quit = defineRow<SmtpSession, string, undefined>({
  verb: "QUIT",
  rfc: "RFC 5321 §4.1.1.10",
  phases: always,
  endsPipeline: true,
  parse: nothing,
  run(session) {
    session.answer(reply(221, "2.0.0", "Bye"));
    session.state = { phase: "over" };
  },
});

/** RFC 5321 §7.3: whether an address exists is said at RCPT only, where it is counted. */
export const vrfy = defineRow<SmtpSession, string, string>({
  verb: "VRFY",
  rfc: "RFC 5321 §4.1.1.6",
  phases: always,
  endsPipeline: true,
  parse: something,
  run: (session) => session.answer(reply(252, "2.5.2", "Send some mail, and RCPT will tell.")),
});

export const expn = defineRow<SmtpSession, string, string>({
  verb: "EXPN",
  rfc: "RFC 5321 §4.1.1.7",
  phases: always,
  endsPipeline: true,
  parse: something,
  permit: () => new SmtpRefusal("notPermitted", 550, "5.7.1", "Lists are not shown."),
  run() {
    throw new Refusal("notPermitted", "Lists are not shown.");
  },
});

export const help = defineRow<SmtpSession, string, undefined>({
  verb: "HELP",
  rfc: "RFC 5321 §4.1.1.8",
  capabilities: ["HELP"],
  phases: always,
  parse: () => undefined,
  run(session) {
    const verbs = [...session.services.rows.keys()].join(" ");
    session.answer(reply(214, "2.0.0", `Commands: ${verbs}`));
  },
});
