import { Refusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { LineEndCheck } from "../../grammar/line-ends.ts";
import { badArgument } from "../../grammar/refusals.ts";
import { finishMessage } from "../finish-message.ts";
import { bareLineEnd, MessageBuffer } from "../message-buffer.ts";
import { receiveChunk } from "../receive-chunk.ts";
import { replyTo } from "../replies.ts";
import type { Chunks, SmtpSession } from "../session.ts";

interface Chunk {
  readonly sizeBytes: number;
  readonly isLast: boolean;
}

export const bdat = defineRow<SmtpSession, string, Chunk | undefined>({
  verb: "BDAT",
  rfc: "RFC 3030 §2",
  capabilities: ["CHUNKING", "BINARYMIME"],
  // In all phases, because the chunk must be taken off the wire even when it is refused.
  phases: ["start", "ready", "mail", "rcpt", "chunks"],
  parse(argument) {
    const [, digits, last] = /^([0-9]{1,12})( +LAST)?$/i.exec(argument) ?? [];
    if (digits === undefined) return undefined;
    return { sizeBytes: Number(digits), isLast: last !== undefined };
  },
  async run(session, chunk) {
    if (chunk === undefined) {
      // How many bytes follow is unknown: reading them as commands would be smuggling.
      session.hangUp(badArgument("Write BDAT size, or BDAT size LAST."));
      return;
    }
    const chunks = chunksOf(session);
    if (chunks === undefined) await refuseChunk(session, chunk, badTime());
    else await takeChunk(session, chunks, chunk);
  },
});

function badTime(): Refusal {
  return new Refusal("badState", "BDAT is not possible now.");
}

/** The message that the chunk belongs to, begun if it is the first. */
function chunksOf(session: SmtpSession): Chunks | undefined {
  const { state, services } = session;
  if (state.phase === "chunks") return state.chunks;
  if (state.phase !== "rcpt") return undefined;
  const { hello, transaction } = state;
  const isBinary = transaction.mail.bodyKind === "binarymime";
  const chunks: Chunks = {
    buffer: new MessageBuffer(services.budget, services.limits.messageBytesMax),
    lineEnds: isBinary ? undefined : new LineEndCheck(),
    startedAtMs: services.clock.monotonicMs(),
  };
  session.state = { phase: "chunks", hello, transaction, chunks };
  return chunks;
}

async function takeChunk(session: SmtpSession, chunks: Chunks, chunk: Chunk): Promise<void> {
  const { buffer, lineEnds } = chunks;
  const isOn = await receiveChunk(session, chunk.sizeBytes, chunks, (piece) => {
    lineEnds?.push(piece);
    buffer.add(piece);
  });
  if (!isOn || session.state.phase !== "chunks") return;
  const { transaction } = session.state;
  if (chunk.isLast) {
    if (lineEnds?.isCleanAtEnd() === false) buffer.refuse(bareLineEnd());
    await finishMessage(session, transaction, buffer);
  } else if (buffer.refusal !== undefined) {
    // RFC 3030 §2: after a refused chunk the whole message is over.
    await finishMessage(session, transaction, buffer, false);
  } else session.ok("2.0.0", `${chunk.sizeBytes} bytes taken`);
}

async function refuseChunk(session: SmtpSession, chunk: Chunk, refusal: Refusal): Promise<void> {
  using buffer = new MessageBuffer(session.services.budget, 0);
  buffer.refuse(refusal);
  const startedAtMs = session.services.clock.monotonicMs();
  const nowhere = { buffer, lineEnds: undefined, startedAtMs };
  const isOn = await receiveChunk(session, chunk.sizeBytes, nowhere, (piece) => buffer.add(piece));
  if (!isOn) return;
  session.noteError();
  session.answer(replyTo(refusal));
}
