import type { Destination } from "../../../accounts/accounts.ts";
import { Refusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { formatPath, parseMailbox, parsePath } from "../../grammar/path.ts";
import { badArgument, SmtpRefusal } from "../../grammar/refusals.ts";
import { reply } from "../../grammar/reply.ts";
import type { SmtpSession } from "../session.ts";
import { always } from "./plain.ts";

interface VerifyArgument {
  /** Undefined when the text is no mailbox, like the name of a person. */
  readonly address: string | undefined;
  /** RFC 6531 §3.7.4.2: that the answer may have addresses beyond ASCII. */
  readonly isUtf8: boolean;
}

function parseVerify(argument: string): VerifyArgument {
  const [, text = "", flag] = /^(.*?)( SMTPUTF8)?$/i.exec(argument) ?? [];
  if (text === "") throw badArgument("Name an address.");
  const path = text.startsWith("<") ? parsePath(text)?.path : parseMailbox(text);
  const address = path?.kind === "mailbox" ? path.address : undefined;
  return { address, isUtf8: flag !== undefined };
}

/**
 * RFC 5321 §7.3: whether an address exists is told to those only who may send anywhere, where
 * configuration says so; to all others RCPT tells, where it is counted.
 */
export const vrfy = defineRow<SmtpSession, string, VerifyArgument>({
  verb: "VRFY",
  rfc: "RFC 5321 §4.1.1.6",
  capabilities: ["VRFY"],
  phases: always,
  endsPipeline: true,
  parse: parseVerify,
  async run(session, { address, isUtf8 }) {
    if (!session.mayVerify || address === undefined) return answerUnsure(session);
    const answer = await session.services.recipients.resolve(address);
    if (answer.kind === "unknown") throw noSuchUser(address);
    if (answer.kind === "notLocal") return answerUnsure(session);
    answerAddresses(session, [address], isUtf8);
  },
});

/** RFC 5321 §3.5.1: to where an address leads, one line each. */
export const expn = defineRow<SmtpSession, string, VerifyArgument>({
  verb: "EXPN",
  rfc: "RFC 5321 §4.1.1.7",
  capabilities: ["EXPN"],
  phases: always,
  endsPipeline: true,
  parse: parseVerify,
  permit: (session) =>
    session.mayVerify
      ? undefined
      : new SmtpRefusal("notPermitted", 550, "5.7.1", "Lists are not shown."),
  async run(session, { address, isUtf8 }) {
    const answer =
      address === undefined ? undefined : await session.services.recipients.resolve(address);
    if (answer?.kind !== "destinations") throw noSuchUser(address ?? "that name");
    answerAddresses(session, answer.destinations.map(addressOf), isUtf8);
  },
});

function addressOf(destination: Destination): string {
  return destination.kind === "remote" ? destination.address : destination.account.address;
}

function answerAddresses(
  session: SmtpSession,
  addresses: readonly string[],
  isUtf8: boolean,
): void {
  const isAscii = addresses.every((address) => /^[\x20-\x7e]*$/.test(address));
  // RFC 6531 §3.7.4.2: what the client cannot read is not said.
  if (!isAscii && !isUtf8) return answerUnsure(session);
  session.answer(reply(250, "2.1.5", ...addresses.map(formatPath)));
}

function answerUnsure(session: SmtpSession): void {
  session.answer(reply(252, "2.5.2", "Send some mail, and RCPT will tell."));
}

function noSuchUser(address: string): Refusal {
  return new Refusal("noSuchUser", `No such user here: ${address}`);
}
