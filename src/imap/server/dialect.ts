import type { Dialect } from "../../protocol/conversation.ts";
import { tableOf } from "../../protocol/rows.ts";
import type { Scanner } from "../grammar/scanner.ts";
import type { ImapRow } from "./command.ts";
import { readCommand } from "./read-command.ts";
import { sayBye, sayRefusal } from "./replies.ts";
import { isPrivate, leaveAccount, type Session } from "./session.ts";

/** IMAP in the one conversation loop of all line protocols. */
export function imapDialect(
  errorsMax: number,
  rows: readonly ImapRow[],
): Dialect<Session, Scanner> {
  return {
    name: "imap",
    rows: tableOf(rows),
    errorsMax,
    read: readCommand,
    phase: (session) => session.state.phase,
    isPrivate,
    refuse(session, refusal) {
      if (refusal.reason === "loginFailed") {
        const { address } = session.wire.connection.remote;
        session.services.log.write("warn", "imap.loginFailed", { address });
      }
      sayRefusal(session, refusal);
    },
    farewell(session, refusal) {
      const isTimeout = refusal.reason === "timeout";
      const text = isTimeout ? "Nothing was said for too long." : refusal.text;
      sayBye(session, text, isTimeout ? undefined : "UNAVAILABLE");
      leaveAccount(session);
    },
    isOver: (session) => session.state.phase === "logout",
  };
}
