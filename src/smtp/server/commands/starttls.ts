import { Refusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { badArgument, SmtpRefusal } from "../../grammar/refusals.ts";
import { reply } from "../../grammar/reply.ts";
import type { SmtpSession } from "../session.ts";
import { tlsText } from "../tls-text.ts";

export const starttls = defineRow<SmtpSession, string, undefined>({
  verb: "STARTTLS",
  rfc: "RFC 3207 §4",
  capabilities: ["STARTTLS"],
  phases: ["start", "ready", "mail", "rcpt"],
  endsPipeline: true,
  parse(argument) {
    if (argument !== "") throw badArgument("STARTTLS has no argument.");
    return undefined;
  },
  permit(session) {
    if (session.wire.connection.tls !== undefined) {
      return new Refusal("badState", "TLS is on already.");
    }
    if (session.services.tls !== undefined) return undefined;
    return new SmtpRefusal("unsupported", 502, "5.5.1", "There is no certificate here.");
  },
  async run(session) {
    const { services, wire } = session;
    const injected = wire.dropInput();
    if (injected > 0) {
      refuseInjection(session, injected);
      return;
    }
    const { tls, limits } = services;
    if (tls === undefined) throw new Refusal("unsupported", "There is no certificate here.");
    session.answer(reply(220, "2.0.0", "Go ahead"));
    await wire.flush();
    await wire.connection.startTlsServer(tls, limits.handshakeTimeoutMs);
    // RFC 3207 §4.2: whatever was said before TLS is forgotten: the login, and whom it was for.
    session.login = undefined;
    session.client = undefined;
    session.origin = undefined;
    session.state = { phase: "start" };
    session.recorder.add("smtp.tls", { tls: tlsText(wire.connection) });
  },
});

/**
 * Commands sent along with STARTTLS would be answered inside TLS as if they had come through it.
 * They are dropped, and the client with them: nobody who means well sends them.
 */
function refuseInjection(session: SmtpSession, bytes: number): void {
  session.services.log.write("warn", "smtp.plaintextDropped", {
    session: session.id,
    remote: session.remoteAddress,
    bytes,
  });
  const text = "Nothing may follow STARTTLS before TLS.";
  session.hangUp(new SmtpRefusal("syntax", 501, "5.5.4", text));
}
