import { isAscii } from "node:buffer";
import { concat, fromLatin1, latin1 } from "../base/bytes.ts";
import { Refusal } from "../base/faults.ts";
import { formatDate } from "../message/dates.ts";
import { type Header, type HeaderField, readHeader } from "../message/headers.ts";

/** Trace fields that a message may have; more is a loop (RFC 5321 §6.3 asks for 100 at least). */
export const receivedFieldsMax = 100;
/** Delivered-To fields that are compared with the recipients. */
const deliveredToMax = 100;

/** What delivery has to know of a message's own header. */
export interface PreparedBody {
  readonly bytes: Uint8Array;
  /** Lower-case addresses whose mailboxes it has been in already. */
  readonly deliveredTo: ReadonlySet<string>;
  /** The header has bytes beyond ASCII: who passes it on needs SMTPUTF8 (RFC 6532). */
  readonly hasUtf8Header: boolean;
}

/** What a message of our own user gets when its program left it out. */
export interface SubmissionFix {
  readonly nowMs: number;
  /** Without brackets. */
  readonly newMessageId: () => string;
}

/**
 * Reads the header once. With a fix (RFC 6409 §8: for messages of our users only) a missing Date
 * and Message-ID are put in front and Bcc fields are taken out (RFC 5322 §3.6.3 lets the first
 * server do that, and nobody after it could): before hashing, so that all copies are one body.
 * @throws Refusal `tooManyHops`.
 */
export function prepareBody(
  parts: readonly Uint8Array[],
  hopsMax: number,
  fix?: SubmissionFix,
): PreparedBody {
  const bytes = concat(parts);
  const header = readHeader(bytes);
  const deliveredTo = new Set<string>();
  let receivedCount = 0;
  for (const field of header.fields) {
    if (field.name === "received") receivedCount++;
    else if (field.name === "delivered-to" && deliveredTo.size < deliveredToMax) {
      const value = header.text.slice(field.valueStart - header.start, field.end - header.start);
      deliveredTo.add(value.trim().toLowerCase());
    }
  }
  if (receivedCount > hopsMax) {
    throw new Refusal("tooManyHops", "The message is going round in circles.");
  }
  return {
    bytes: fix === undefined ? bytes : fixed(bytes, header, fix),
    deliveredTo,
    hasUtf8Header: !isAscii(bytes.subarray(0, header.bodyStart)),
  };
}

function fixed(bytes: Uint8Array, header: Header, fix: SubmissionFix): Uint8Array {
  const names = new Set(header.fields.map((field) => field.name));
  const parts: Uint8Array[] = [];
  if (!names.has("date")) parts.push(fromLatin1(`Date: ${formatDate(fix.nowMs)}\r\n`));
  if (!names.has("message-id")) {
    parts.push(fromLatin1(`Message-ID: <${fix.newMessageId()}>\r\n`));
  }
  if (parts.length === 0 && !header.fields.some(isBlind)) return bytes;
  if (header.fields.length === 0) parts.push(headerGap(bytes));
  parts.push(withoutPieces(bytes, header.fields.filter(isBlind)));
  return concat(parts);
}

/** The bytes without some pieces of them, given in order; the same bytes when there are none. */
export function withoutPieces(
  bytes: Uint8Array,
  pieces: readonly { readonly start: number; readonly end: number }[],
): Uint8Array {
  if (pieces.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let keptFrom = 0;
  for (const { start, end } of pieces) {
    parts.push(bytes.subarray(keptFrom, start));
    keptFrom = end;
  }
  parts.push(bytes.subarray(keptFrom));
  return concat(parts);
}

function isBlind(field: HeaderField): boolean {
  return field.name === "bcc" || field.name === "resent-bcc";
}

/**
 * A message whose first line is no header field has no header at all: the fields in front of it
 * need the empty line that ends a header.
 */
function headerGap(bytes: Uint8Array): Uint8Array {
  const isEnded = bytes.length === 0 || latin1(bytes, 0, Math.min(2, bytes.length)) === "\r\n";
  return fromLatin1(isEnded ? "" : "\r\n");
}
