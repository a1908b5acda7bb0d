import { defineRow } from "../../../protocol/rows.ts";
import { badArgument } from "../../grammar/refusals.ts";
import { reply } from "../../grammar/reply.ts";
import type { SmtpSession } from "../session.ts";

/** Phases of a command that may come at any time. */
export const always = ["start", "ready", "mail", "rcpt", "chunks"];

function nothing(argument: string): undefined {
  if (argument !== "") throw badArgument("This command has no argument.");
  return undefined;
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
