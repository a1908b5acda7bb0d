import { asBuffer } from "../base/bytes.ts";
import { messageLimits } from "./limits.ts";
import type { MessageLimits } from "./limits.ts";
import type { Parameter } from "./parameters.ts";
import { scanMessage } from "./scan/scan-message.ts";

/**
 * The parts of a message: plain data that survives JSON. Offsets count bytes from the first byte
 * of the whole message, in embedded messages too.
 */
export interface MessageStructure {
  readonly root: MessagePart;
  /** Work done, for the bound that tests hold against the size. */
  readonly steps: number;
  /** A limit was met: something of the message is not described. */
  readonly isTruncated: boolean;
}

/** One part (RFC 2045 §2.4); the root is the message itself. */
export interface MessagePart {
  /** First byte of the part's header. */
  readonly headerStart: number;
  /** First byte after the header's empty line. */
  readonly bodyStart: number;
  /** First byte after the body; the line end before a boundary belongs to the boundary. */
  readonly bodyEnd: number;
  /** Line feeds in the body; counted for text and embedded messages only (RFC 9051 §7.5.2). */
  readonly lines?: number;
  /** Lower case; `text` and `plain` when the field is absent or malformed (RFC 2045 §5.2). */
  readonly type: string;
  readonly subtype: string;
  /** Of Content-Type, decoded (RFC 2231, RFC 2047); names in lower case. */
  readonly params: readonly Parameter[];
  /** Content-Transfer-Encoding in lower case; `7bit` when absent. */
  readonly encoding: string;
  /** Content-ID as written, with its angle brackets. */
  readonly id?: string;
  /** Content-Description as written, unfolded, one character per byte. */
  readonly description?: string;
  readonly disposition?: Disposition;
  readonly md5?: string;
  readonly language?: readonly string[];
  readonly location?: string;
  /** Of a multipart: at least one, even where the sender wrote none. */
  readonly parts?: readonly MessagePart[];
  /** Of message/rfc822 and message/global. */
  readonly message?: EmbeddedMessage;
}

/** RFC 2183 §2: type in lower case, decoded parameters. */
export interface Disposition {
  readonly type: string;
  readonly params: readonly Parameter[];
}

/** A message inside a part: its envelope in wire form (see envelope.ts) and its own root part. */
export interface EmbeddedMessage {
  readonly envelope: string;
  readonly root: MessagePart;
}

/**
 * Finds the parts of a message in one pass. Bodies are searched for boundaries, never copied or
 * decoded. Every input has a structure: what is malformed is read as plain text. Time is linear in
 * the size, times the nesting depth where lines begin with two hyphens.
 */
export function scanStructure(
  bytes: Uint8Array,
  limits: MessageLimits = messageLimits,
): MessageStructure {
  return scanMessage(asBuffer(bytes), limits).structure;
}

/** The file name of a part: `filename` of the disposition, else `name` of the type. */
export function findFileName(part: MessagePart): string | undefined {
  const named = part.disposition?.params.find(([name]) => name === "filename");
  return (named ?? part.params.find(([name]) => name === "name"))?.[1];
}
