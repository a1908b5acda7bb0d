import { CR, LF, NUL } from "../../base/bytes.ts";

/** What decides which extensions a message needs. */
export interface ContentFacts {
  /** A byte above 127 anywhere. */
  readonly has8Bit: boolean;
  /** A byte above 127 in the header of the message. */
  readonly hasHeader8Bit: boolean;
  /** NUL, a CR or LF that stands alone, or a line of more than 998 bytes (RFC 3030 §3). */
  readonly isBinary: boolean;
}

/** RFC 5322 §2.1.1: longest line without its CRLF. */
const lineBytesMax = 998;

/** Reads the whole message once. Used only when a server lacks what the sender declared. */
export async function readContentFacts(content: AsyncIterable<Uint8Array>): Promise<ContentFacts> {
  let has8Bit = false;
  let hasHeader8Bit = false;
  let isBinary = false;
  let isHeader = true;
  let lineBytes = 0;
  let previous = LF;
  for await (const piece of content) {
    for (const byte of piece) {
      if (byte > 127) {
        has8Bit = true;
        hasHeader8Bit ||= isHeader;
      }
      if (byte === NUL || (byte === LF) !== (previous === CR)) isBinary = true;
      if (byte === LF) {
        if (lineBytes === 0) isHeader = false;
        lineBytes = 0;
      } else if (byte !== CR && ++lineBytes > lineBytesMax) {
        isBinary = true;
      }
      previous = byte;
    }
  }
  return { has8Bit, hasHeader8Bit, isBinary: isBinary || previous === CR };
}
