import { fromLatin1, concat } from "../../base/bytes.ts";
import { findHeader, readHeader } from "../../message/headers.ts";
import { scanStructure, type MessagePart } from "../../message/structure.ts";
import { encodeBase64, encodeQuotedPrintable } from "../../message/transfer-encoding.ts";
import { findContentFacts } from "./content-facts.ts";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * Rewrites a MIME message for a server without 8BITMIME or BINARYMIME (RFC 6152 §3, RFC 3030 §3):
 * parts that such a server cannot be given become quoted-printable or base64, and their fields
 * say so. Signatures over the old form (DKIM) break by that, which is why it is done only when
 * the alternative is that the message fails.
 * @returns undefined when it cannot be done: no MIME message, a part that is signed as it is,
 *   or 8-bit text where no encoding is possible, such as in headers.
 */
export function fitContent(message: Uint8Array, allows8Bit: boolean): Uint8Array | undefined {
  const { root, isTruncated } = scanStructure(message);
  const hasVersion = findHeader(readHeader(message), "mime-version") !== undefined;
  if (isTruncated || !hasVersion) return undefined;
  const edits: Edit[] = [];
  if (!collectEdits(message, root, allows8Bit, edits)) return undefined;
  const fitted = applyEdits(message, edits);
  const facts = findContentFacts(fitted);
  return facts.isBinary || (facts.has8Bit && !allows8Bit) ? undefined : fitted;
}

/** Adds what has to change in a part and below it, in order. @returns false when it cannot. */
function collectEdits(
  message: Uint8Array,
  part: MessagePart,
  allows8Bit: boolean,
  edits: Edit[],
): boolean {
  const body = message.subarray(part.bodyStart, part.bodyEnd);
  const { has8Bit, isBinary } = findContentFacts(body);
  const isWide = part.encoding === "binary" || (part.encoding === "8bit" && !allows8Bit);
  const children = part.parts ?? (part.message === undefined ? undefined : [part.message.root]);
  if (children !== undefined) {
    const mustFit = isBinary || (has8Bit && !allows8Bit);
    // What is signed is signed in the form that it has.
    if (mustFit && part.type === "multipart" && part.subtype === "signed") return false;
    if (isWide) edits.push(encodingEdit(message, part, allows8Bit ? "8bit" : "7bit"));
    return children.every((child) => collectEdits(message, child, allows8Bit, edits));
  }
  if (!isBinary && (!has8Bit || allows8Bit)) {
    if (isWide) edits.push(encodingEdit(message, part, has8Bit ? "8bit" : "7bit"));
    return true;
  }
  // Encoded already and yet not fit: broken, and better left to fail than made to look whole.
  if (!["7bit", "8bit", "binary"].includes(part.encoding)) return false;
  const isText = part.type === "text" && !isBinary;
  const bytes = isText ? encodeQuotedPrintable(body) : encodeBase64(body);
  edits.push(encodingEdit(message, part, isText ? "quoted-printable" : "base64"));
  edits.push({ start: part.bodyStart, end: part.bodyEnd, bytes });
  return true;
}

/** Replaces the part's Content-Transfer-Encoding, or begins its header with one. */
function encodingEdit(message: Uint8Array, part: MessagePart, encoding: string): Edit {
  const header = readHeader(message, part.headerStart, part.bodyStart);
  const old = findHeader(header, "content-transfer-encoding");
  const { start, end } = old ?? { start: part.headerStart, end: part.headerStart };
  return { start, end, bytes: fromLatin1(`Content-Transfer-Encoding: ${encoding}\r\n`) };
}

function applyEdits(message: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, bytes } of edits) {
    parts.push(message.subarray(at, start), bytes);
    at = end;
  }
  parts.push(message.subarray(at));
  return concat(parts);
}
