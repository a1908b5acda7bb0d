import { ConnectionLost, Refusal } from "../../base/faults.ts";
import { DataScanner } from "../grammar/data-scanner.ts";
import { bareLineEnd, type MessageBuffer } from "./message-buffer.ts";
import type { SmtpSession } from "./session.ts";

/** Bytes taken from the connection at a time. */
const pieceBytesMax = 256 * 1024;

/**
 * Reads mail data up to its end, whether or not it can be kept: only what comes behind the end may
 * be read as commands again.
 * @returns false when the client was hung up on, because it sends without end.
 * @throws Refusal `timeout`, ConnectionLost.
 */
export async function receiveData(session: SmtpSession, buffer: MessageBuffer): Promise<boolean> {
  const { wire, services } = session;
  const { clock, limits } = services;
  const scanner = new DataScanner();
  const startedMs = clock.monotonicMs();
  for (;;) {
    const piece = await wire.readSome(pieceBytesMax, limits.dataTimeoutMs);
    if (piece === undefined) throw new ConnectionLost("ended inside a message");
    const { parts, end } = scanner.push(piece);
    for (const part of parts) buffer.add(part);
    if (!scanner.isClean) {
      buffer.count(piece.length);
      buffer.refuse(bareLineEnd());
    }
    if (end >= 0) {
      wire.unread(piece.subarray(end));
      return true;
    }
    if (clock.monotonicMs() - startedMs > limits.messageTimeoutMs) {
      throw new Refusal("timeout", "The message takes too long.");
    }
    if (isEndless(session, buffer)) return false;
  }
}

/** Hangs up on a client that goes on after its message was refused, beyond what we drain. */
export function isEndless(session: SmtpSession, buffer: MessageBuffer): boolean {
  const { limits } = session.services;
  if (buffer.refusal === undefined || buffer.seenBytes <= limits.drainBytesMax) return false;
  session.hangUp(buffer.refusal);
  return true;
}
