import { decodeCharset } from "../../message/charset.ts";
import { foldText } from "../../message/fold.ts";
import { decodedValue, readHeader } from "../../message/headers.ts";
import { htmlToText } from "../../message/html-text.ts";
import { findParameter } from "../../message/parameters.ts";
import { type MessagePart, scanStructure } from "../../message/structure.ts";
import { decodeTransfer } from "../../message/transfer-encoding.ts";
import type { HeaderTexts } from "./verdict.ts";

/** The folded values of a header, with its bytes at the beginning of `bytes`. */
export function foldedFields(bytes: Uint8Array): HeaderTexts {
  const fields = new Map<string, string[]>();
  const header = readHeader(bytes);
  for (const field of header.fields) {
    const value = foldText(decodedValue(header, field));
    const values = fields.get(field.name);
    if (values === undefined) fields.set(field.name, [value]);
    else values.push(value);
  }
  return fields;
}

/** The folded text of all text parts, whatever their length, embedded messages included. */
export function foldedBody(bytes: Uint8Array): string {
  const texts: string[] = [];
  const waiting: MessagePart[] = [scanStructure(bytes).root];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.parts !== undefined) waiting.push(...part.parts.toReversed());
    else if (part.message !== undefined) waiting.push(part.message.root);
    else if (part.type === "text") texts.push(foldedPart(bytes, part));
  }
  return texts.join("\n");
}

function foldedPart(bytes: Uint8Array, part: MessagePart): string {
  const decoded = decodeTransfer(bytes.subarray(part.bodyStart, part.bodyEnd), part.encoding);
  const text = decodeCharset(decoded, findParameter(part.params, "charset"));
  return foldText(part.subtype === "html" ? htmlToText(text) : text);
}
