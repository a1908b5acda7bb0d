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

/** Looks at content that comes in pieces. */
class ContentScanner {
  #has8Bit = false;
  #hasHeader8Bit = false;
  #isBinary = false;
  #isHeader = true;
  #lineBytes = 0;
  #previous = LF;

  push(piece: Uint8Array): void {
    for (const byte of piece) {
      if (byte > 127) {
        this.#has8Bit = true;
        this.#hasHeader8Bit ||= this.#isHeader;
      }
      if (byte === NUL || (byte === LF) !== (this.#previous === CR)) this.#isBinary = true;
      if (byte === LF) {
        if (this.#lineBytes === 0) this.#isHeader = false;
        this.#lineBytes = 0;
      } else if (byte !== CR && ++this.#lineBytes > lineBytesMax) {
        this.#isBinary = true;
      }
      this.#previous = byte;
    }
  }

  end(): ContentFacts {
    return {
      has8Bit: this.#has8Bit,
      hasHeader8Bit: this.#hasHeader8Bit,
      isBinary: this.#isBinary || this.#previous === CR,
    };
  }
}

/** Reads the whole message once. Used only when a server lacks what the sender declared. */
export async function readContentFacts(content: AsyncIterable<Uint8Array>): Promise<ContentFacts> {
  const scanner = new ContentScanner();
  for await (const piece of content) scanner.push(piece);
  return scanner.end();
}

/** The same for bytes in memory. */
export function findContentFacts(bytes: Uint8Array): ContentFacts {
  const scanner = new ContentScanner();
  scanner.push(bytes);
  return scanner.end();
}
