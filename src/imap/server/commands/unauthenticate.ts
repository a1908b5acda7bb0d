import { defineCommand, loggedInPhases, parseNothing } from "../command.ts";
import { sayBye } from "../replies.ts";
import { forgetLogin, leaveAccount } from "../session.ts";

/**
 * RFC 8437 §3: another may log in on the same connection. Where it is compressed, nobody could say
 * where the client's last compressed byte is, and the connection ends instead (§3 allows a BYE).
 */
export const unauthenticate = defineCommand({
  verb: "UNAUTHENTICATE",
  rfc: "RFC 8437 §3",
  phases: loggedInPhases,
  capabilities: ["UNAUTHENTICATE"],
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  run(session) {
    if (session.isCompressed) {
      sayBye(session, "A compressed connection cannot be used again.");
      leaveAccount(session);
      return undefined;
    }
    forgetLogin(session);
    return { text: "Log in again." };
  },
});
