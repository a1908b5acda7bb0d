import { latin1 } from "../../../base/bytes.ts";
import { ConnectionLost, Refusal } from "../../../base/faults.ts";
import { defineCommand, loggedInPhases, parseNothing } from "../command.ts";
import { askFor } from "../replies.ts";
import type { Notifier } from "../notifying/notifier.ts";
import { selectedWishes } from "../notifying/notify-state.ts";
import { tellNews } from "../notifying/tell-news.ts";
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
    if (session.notifier !== undefined) {
      await idleNotified(session, session.notifier);
      return { text: "No longer idle." };
    }
    sendUpdates(session, { expunge: true });
    await waitForDone(session);
    return { text: "No longer idle." };
  },
});

/** RFC 5465 §4: with NOTIFY exactly what was asked for is told in IDLE. */
async function idleNotified(session: Session, notifier: Notifier): Promise<void> {
  session.isWaiting = session.isIdling = true;
  try {
    if (!selectedWishes(session).isSilent) sendUpdates(session, { expunge: true });
    notifier.tellIfIdle();
    await waitForDone(session);
  } finally {
    session.isWaiting = session.isIdling = false;
    await notifier.settle();
  }
}

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
  if (session.state.phase !== "selected" || session.notifier !== undefined)
    return { [Symbol.asyncDispose]: async () => undefined };
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
      await tellNews(session);
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
