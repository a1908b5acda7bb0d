import { deflateRawSync, constants } from "node:zlib";
import { assert } from "../../../base/assert.ts";
import { ConnectionLost } from "../../../base/faults.ts";
import { Inflater } from "./inflater.ts";

/** DEFLATE makes at most so much of a byte (RFC 1951 §3.2.5: 258 for two bits). */
const growthMax = 1032;

/** Any bytes are DEFLATE or end the connection; what they stand for is bounded by their length. */
export function fuzz(bytes: Uint8Array): void {
  const inflater = new Inflater();
  let taken = 0;
  try {
    for (let at = 0; at < bytes.length; at += 7) {
      inflater.feed(bytes.subarray(at, at + 7));
      for (let piece = inflater.next(); piece !== undefined; piece = inflater.next()) {
        taken += piece.length;
      }
    }
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
  }
  assert(taken <= (bytes.length + 1) * growthMax, "more came out than can have been in it");
}

export const seeds: readonly Uint8Array[] = [
  ...[0, 1, 6].map((level) =>
    deflateRawSync("a1 FETCH 1:* (UID FLAGS)\r\n".repeat(20), {
      level,
      finishFlush: constants.Z_SYNC_FLUSH,
    }),
  ),
  deflateRawSync("NOOP\r\n", { strategy: constants.Z_FIXED }),
];
