import { mechanismsFor } from "../../protocol/sasl.ts";
import type { SmtpSession } from "./session.ts";

/** Mechanisms that can be used now: none once logged in, none where passwords could be overheard. */
export function saslMechanisms(session: SmtpSession): readonly string[] {
  if (session.login !== undefined) return [];
  return mechanismsFor({
    isPrivate: session.isPrivate,
    exporter: session.wire.connection.tls?.exporter,
  });
}
