import { Refusal } from "../../../base/faults.ts";
import { JourneyRecorder, newJourneyId } from "../../../journey/recorder.ts";
import { defineRow } from "../../../protocol/rows.ts";
import type { Attributes } from "../../grammar/attributes.ts";
import { parseMailArgument, type MailArgument } from "../../grammar/envelope.ts";
import { SmtpRefusal } from "../../grammar/refusals.ts";
import { tooLarge } from "../message-buffer.ts";
import { recordRefusedSender } from "../record-refusal.ts";
import type { SmtpSession } from "../session.ts";

export const mail = defineRow<SmtpSession, string, MailArgument>({
  verb: "MAIL",
  rfc: "RFC 5321 §4.1.1.2",
  capabilities: ["SIZE", "8BITMIME", "SMTPUTF8", "DSN", "REQUIRETLS"],
  phases: ["ready"],
  parse: parseMailArgument,
  permit(session, { sizeBytes, isTlsRequired }) {
    const { limits, role } = session.services;
    if (role === "submission" && !session.mayRelay) {
      return new Refusal("loginRequired", "Log in first.");
    }
    if (isTlsRequired && session.wire.connection.tls === undefined) {
      // RFC 8689 §3: only where the message came over TLS itself.
      return new SmtpRefusal("tlsRequired", 530, "5.7.10", "REQUIRETLS needs TLS; say STARTTLS.");
    }
    const isLarge = sizeBytes !== undefined && sizeBytes > limits.messageBytesMax;
    return isLarge ? tooLarge(limits.messageBytesMax) : undefined;
  },
  async run(session, argument) {
    const { state, services, login } = session;
    if (state.phase !== "ready") throw new Refusal("badState", "Say EHLO first.");
    const sender = argument.sender.kind === "null" ? "" : argument.sender.address;
    // Who was disabled or removed meanwhile, for sending spam perhaps, may not go on.
    if (login !== undefined) await services.authenticator.confirmLogin(login.address);
    if (login !== undefined && sender !== "") {
      const isAllowed = await services.recipients.maySendAs(login.account, sender);
      if (!isAllowed) throw notYourAddress(sender);
    }
    const refusal = login && (await services.sending?.judgeMessage(login));
    if (refusal !== undefined) {
      recordRefusedSender(session, sender, refusal);
      throw refusal;
    }
    const recorder = new JourneyRecorder(services.clock, session.recorder);
    const { client, origin } = session;
    const by = session.wire.connection.remote.address;
    if (client !== undefined) recorder.add("smtp.client", { by, ...peerFacts(client) });
    if (origin !== undefined) recorder.add("smtp.origin", { by, ...peerFacts(origin) });
    recorder.add("smtp.mail", mailFacts(sender, argument));
    session.state = {
      phase: "mail",
      hello: state.hello,
      transaction: {
        journey: newJourneyId(services.random),
        recorder,
        mail: argument,
        sender,
        recipients: [],
        startedAtMs: services.clock.now(),
      },
    };
    session.ok("2.1.0", "Ok");
  },
});

/** RFC 6409 §6.1: who is logged in writes as themselves. */
function notYourAddress(sender: string): SmtpRefusal {
  return new SmtpRefusal("notPermitted", 553, "5.7.1", `You may not send as ${sender}.`);
}

function peerFacts({ address = "", name = "", helo = "", login = "" }: Attributes) {
  const facts = { address, name, helo, login };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== ""));
}

function mailFacts(sender: string, argument: MailArgument) {
  const { sizeBytes, bodyKind, isUtf8, isTlsRequired, submitter } = argument;
  return {
    sender,
    ...(sizeBytes === undefined ? {} : { declaredBytes: sizeBytes }),
    ...(bodyKind === "7bit" ? {} : { bodyKind }),
    ...(isUtf8 ? { isUtf8 } : {}),
    ...(isTlsRequired ? { isTlsRequired } : {}),
    ...(submitter === undefined ? {} : { submitter }),
  };
}
