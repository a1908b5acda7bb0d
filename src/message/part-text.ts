import { decodeCharset } from "./charset.ts";
import { findParameter } from "./parameters.ts";
import type { MessagePart } from "./structure.ts";
import { decodeTransfer } from "./transfer-encoding.ts";

/**
 * The text of a text part, without its transfer encoding and charset; HTML stays HTML. Looks at
 * `bytesMax` bytes of the body at most. `bytes` is the whole message.
 */
export function readPartText(
  bytes: Uint8Array,
  part: MessagePart,
  bytesMax = Number.POSITIVE_INFINITY,
): string {
  const end = Math.min(part.bodyEnd, part.bodyStart + bytesMax);
  const decoded = decodeTransfer(bytes.subarray(part.bodyStart, end), part.encoding);
  return decodeCharset(decoded, findParameter(part.params, "charset"));
}
