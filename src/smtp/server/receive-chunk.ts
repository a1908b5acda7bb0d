import { ConnectionLost, Refusal } from "../../base/faults.ts";
import { isEndless } from "./receive-data.ts";
import type { Chunks, SmtpSession } from "./session.ts";

/** Bytes taken from the connection at a time. */
const pieceBytesMax = 256 * 1024;

/**
 * Reads the bytes of one BDAT command, kept or not (RFC 3030 §2).
 * @returns false when the client was hung up on, because it sends without end.
 * @throws Refusal `timeout`, ConnectionLost.
 */
export async function receiveChunk(
  session: SmtpSession,
  sizeBytes: number,
  chunks: Chunks,
  keep: (piece: Uint8Array) => void,
): Promise<boolean> {
  const { wire, services } = session;
  const { clock, limits } = services;
  for (let missing = sizeBytes; missing > 0;) {
    const piece = await wire.readSome(Math.min(missing, pieceBytesMax), limits.dataTimeoutMs);
    if (piece === undefined) throw new ConnectionLost("ended inside a chunk");
    keep(piece);
    missing -= piece.length;
    if (isEndless(session, chunks.buffer)) return false;
    if (clock.monotonicMs() - chunks.startedAtMs > limits.messageTimeoutMs) {
      throw new Refusal("timeout", "The message takes too long.");
    }
  }
  return true;
}
