import { latin1 } from "../../../base/bytes.ts";
import { ConnectionLost, Refusal } from "../../../base/faults.ts";
import { defineCommand, loggedInPhases, parseNothing } from "../command.ts";
import { askFor } from "../replies.ts";
import { refreshContexts } from "../searching/refresh-contexts.ts";
import type { Session } from "../session.ts";
import { sendUpdates } from "../updates.ts";

/** First an extension (RFC 2177 §3). */
export const idle = defineCommand({
  verb: "IDLE",
  rfc: "RFC 9051 §6.3.13",
  phases: loggedInPhases,
  capabilities: ["IDLE"],
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  async run(session) {
    await using _watching = watch(session);
    askFor(session, "Idling.");
    sendUpdates(session, { expunge: true });
    await waitForDone(session);
    return { text: "No longer idle." };
  },
});

async function waitForDone(session: Session): Promise<void> {
  const { wire, services } = session;
  const line = await wire.readLine({
    bytesMax: 256,
    timeoutMs: services.limits.idleTimeoutMs,
    allowBareLf: true,
  });
  if (line === undefined) throw new ConnectionLost("ended in IDLE");
  if (latin1(line).toUpperCase() !== "DONE") throw new Refusal("syntax", "Expected DONE.");
}

/**
 * Tells each change as it is committed. While the client does not take what was sent, changes
 * gather in the view and not in memory.
 */
function watch(session: Session): AsyncDisposable {
  if (session.state.phase !== "selected") return { [Symbol.asyncDispose]: async () => undefined };
  let isSending = false;
  let isBehind = false;
  let isOver = false;
  const tell = async () => {
    isBehind = true;
    if (isSending) return;
    isSending = true;
    while (isBehind && !isOver) {
      isBehind = false;
      sendUpdates(session, { expunge: true });
      await refreshContexts(session);
      await session.wire.flush();
    }
    isSending = false;
  };
  // A connection that breaks here is noticed by the read that waits for DONE.
  let telling: Promise<void> = Promise.resolve();
  const watching = session.state.view.watch(() => {
    const told = tell().catch(() => undefined);
    telling = telling.then(() => told);
  });
  return {
    // What is being told is told to its end: the next command may move the rows that it looks at.
    async [Symbol.asyncDispose]() {
      isOver = true;
      watching[Symbol.dispose]();
      await telling;
    },
  };
}
