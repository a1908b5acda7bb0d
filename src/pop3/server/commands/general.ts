import { asRefusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { parseNothing } from "../../grammar/command.ts";
import { capabilityLines } from "../capability-lines.ts";
import { formatRefusal } from "../replies.ts";
import type { Pop3Session } from "../session.ts";

export const capa = defineRow<Pop3Session, string | undefined, void>({
  verb: "CAPA",
  rfc: "RFC 2449 §5",
  phases: ["authorization", "transaction"],
  parse: parseNothing,
  run(session) {
    const lines = capabilityLines(session).map((line) => `${line}\r\n`);
    session.ok(session.texts.capabilities);
    void session.write(`${lines.join("")}.\r\n`);
  },
});

/**
 * RFC 1939 §6: after a login QUIT is the UPDATE state, in which the marked messages are removed.
 * The answer comes when that is durable, and when the maildrop is free for the next session.
 */
export const quit = defineRow<Pop3Session, string | undefined, void>({
  verb: "QUIT",
  rfc: "RFC 1939 §6",
  phases: ["authorization", "transaction"],
  parse: parseNothing,
  async run(session) {
    const { state } = session;
    if (state.phase !== "transaction") {
      session.end();
      session.ok(session.texts.goodbye);
      return;
    }
    const { drop } = state;
    try {
      await drop.update();
      session.end();
      session.ok(session.texts.removed(drop.deletedCount, drop.count));
    } catch (error) {
      session.end();
      const refusal = asRefusal(error);
      const { reason, detail } = refusal;
      const { log } = session.services;
      log.write("error", "pop3.updateFailed", { session: session.id, reason, detail });
      void session.write(formatRefusal(refusal, session.texts.notRemoved));
    }
  },
});
