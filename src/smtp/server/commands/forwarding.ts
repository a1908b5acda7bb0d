import type { Refusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import {
  parseAttributes,
  xclientNames,
  xforwardNames,
  type Attributes,
} from "../../grammar/attributes.ts";
import { SmtpRefusal } from "../../grammar/refusals.ts";
import { reply } from "../../grammar/reply.ts";
import type { SmtpSession } from "../session.ts";

/** By the address of the connection itself: who is spoken for has no say in it. */
function permitPeer(session: SmtpSession): Refusal | undefined {
  if (session.maySpeakForOthers) return undefined;
  return new SmtpRefusal("notPermitted", 550, "5.7.1", "Not from your address.");
}

/**
 * A proxy says whose connection it passes on; from then on the session is that client's, from a
 * greeting of its own on. Nothing that was said before counts, a login neither.
 */
export const xclient = defineRow<SmtpSession, string, Attributes>({
  verb: "XCLIENT",
  rfc: "Postfix XCLIENT_README",
  capabilities: ["XCLIENT"],
  phases: ["start", "ready"],
  endsPipeline: true,
  parse: (argument) => parseAttributes(argument, xclientNames),
  permit: permitPeer,
  async run(session, attributes) {
    const { services } = session;
    const { login } = attributes;
    if (login !== undefined && !services.rows.has("AUTH")) {
      throw new SmtpRefusal("notPermitted", 550, "5.7.1", "Nobody logs in here.");
    }
    session.login = undefined;
    session.client = attributes;
    session.origin = undefined;
    session.state = { phase: "start" };
    if (login !== undefined) session.login = await services.authenticator.confirmLogin(login);
    session.answer(reply(220, undefined, `${services.hostName} ESMTP Golub`));
  },
});

/** A filter says where a message came from, for the record only: no right follows from it. */
export const xforward = defineRow<SmtpSession, string, Attributes>({
  verb: "XFORWARD",
  rfc: "Postfix XFORWARD_README",
  capabilities: ["XFORWARD"],
  phases: ["ready"],
  parse: (argument) => parseAttributes(argument, xforwardNames),
  permit: permitPeer,
  run(session, attributes) {
    session.origin = attributes;
    session.ok("2.0.0", "Ok");
  },
});
