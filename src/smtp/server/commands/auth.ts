import { asRefusal, ConnectionLost, Refusal } from "../../../base/faults.ts";
import { latin1 } from "../../../base/bytes.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { authenticate, saslLineBytesMax } from "../../../protocol/sasl.ts";
import { badArgument, SmtpRefusal } from "../../grammar/refusals.ts";
import { reply } from "../../grammar/reply.ts";
import { replyTo } from "../replies.ts";
import { saslMechanisms } from "../sasl-policy.ts";
import type { SmtpSession } from "../session.ts";

interface AuthArgument {
  readonly mechanism: string;
  /** Base64, or "=" for an empty one. */
  readonly initialResponse: string | undefined;
}

export const auth = defineRow<SmtpSession, string, AuthArgument>({
  verb: "AUTH",
  rfc: "RFC 4954 §4",
  capabilities: ["AUTH"],
  phases: ["ready"],
  tls: true,
  endsPipeline: true,
  parse(argument) {
    const [, mechanism, initialResponse] =
      /^([A-Za-z0-9_-]{1,20})(?: ([A-Za-z0-9+/=]+))?$/.exec(argument) ?? [];
    if (mechanism === undefined) throw badArgument("Write AUTH mechanism.");
    return { mechanism: mechanism.toUpperCase(), initialResponse };
  },
  permit(session, { mechanism }) {
    if (session.login !== undefined) return new Refusal("badState", "You are logged in already.");
    if (saslMechanisms(session).includes(mechanism)) return undefined;
    return new SmtpRefusal("unsupported", 504, "5.5.4", "That mechanism is not offered.");
  },
  async run(session, argument) {
    const { services } = session;
    try {
      const exporter = session.wire.connection.tls?.exporter;
      const ask = (challenge: string) => askClient(session, challenge);
      const login = () =>
        authenticate({ ...argument, ask }, services.authenticator, {
          random: services.random,
          exporter,
        });
      session.login = await services.guard.guard(session.remoteAddress, login, services.closing);
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      noteFailure(session, argument.mechanism, asRefusal(error));
      return;
    }
    const { address } = session.login;
    session.recorder.add("smtp.loggedIn", { address, mechanism: argument.mechanism });
    services.log.write("info", "smtp.loggedIn", {
      session: session.id,
      remote: session.remoteAddress,
      address,
      mechanism: argument.mechanism,
    });
    session.answer(reply(235, "2.7.0", "Welcome"));
  },
});

/** RFC 4954 §4: a challenge is 334 and base64; the client's line has base64 alone, or "*". */
async function askClient(session: SmtpSession, challenge: string): Promise<string> {
  const { wire, services } = session;
  session.send(`334 ${challenge}\r\n`);
  const line = await wire.readLine({
    bytesMax: saslLineBytesMax + 2,
    timeoutMs: services.limits.commandTimeoutMs,
    allowBareLf: false,
  });
  if (line === undefined) throw new ConnectionLost("ended inside AUTH");
  return latin1(line);
}

/** A wrong login makes its client's next ones wait (LoginGuard); some end the connection. */
function noteFailure(session: SmtpSession, mechanism: string, refusal: Refusal): void {
  const { services } = session;
  const { reason } = refusal;
  if (reason === "timeout" || reason === "bug" || reason === "shuttingDown") throw refusal;
  services.log.write("warn", "smtp.loginFailed", {
    session: session.id,
    remote: session.remoteAddress,
    mechanism,
    reason,
  });
  if (refusal.isTemporary || reason === "limit") {
    session.answer(replyTo(temporaryFailure(refusal)));
    return;
  }
  session.noteError();
  session.loginErrorCount++;
  if (refusal.reason === "syntax" || refusal.reason === "tooLong") {
    session.answer(reply(501, "5.5.2", refusal.text));
  } else session.answer(replyTo(refusal));
  if (session.loginErrorCount < services.limits.loginErrorsMax) return;
  session.hangUp(new Refusal("tooManyErrors", "Too many failed logins."));
}

/** RFC 4954 §6: 454, so that the client does not ask the person for another password. */
function temporaryFailure(refusal: Refusal): SmtpRefusal {
  return new SmtpRefusal(refusal.reason, 454, "4.7.0", refusal.text);
}
