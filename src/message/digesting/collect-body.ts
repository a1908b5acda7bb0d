import { htmlToText } from "../html-text.ts";
import { readPartText } from "../part-text.ts";
import { findFileName } from "../structure.ts";
import type { MessagePart, MessageStructure } from "../structure.ts";

/** What the bodies of a message give to search, preview and list. */
export interface CollectedBody {
  /** All text parts, one after another, decoded, HTML as text. */
  readonly text: string;
  /** The first text part that is not an attachment. */
  readonly firstText: string;
  readonly hasAttachment: boolean;
  readonly fileNames: readonly string[];
  readonly isTruncated: boolean;
}

/** Bytes of one message's text parts that are decoded for search, before decoding. */
const TEXT_BYTES_MAX = 512 * 1024;
const FILE_NAMES_MAX = 100;

interface Collection {
  readonly bytes: Buffer;
  readonly texts: string[];
  readonly fileNames: string[];
  firstText: string | undefined;
  hasAttachment: boolean;
  bytesLeft: number;
  isTruncated: boolean;
}

export function collectBody(bytes: Buffer, structure: MessageStructure): CollectedBody {
  const collection: Collection = {
    bytes,
    texts: [],
    fileNames: [],
    firstText: undefined,
    hasAttachment: false,
    bytesLeft: TEXT_BYTES_MAX,
    isTruncated: false,
  };
  visit(collection, structure.root, undefined);
  const { texts, fileNames, firstText = "", hasAttachment, isTruncated } = collection;
  const text = texts.length === 1 ? (texts[0] ?? "") : texts.join("\n");
  return { text, firstText, hasAttachment, fileNames, isTruncated };
}

function visit(collection: Collection, part: MessagePart, parent: MessagePart | undefined): void {
  if (part.parts !== undefined) {
    for (const child of part.parts) visit(collection, child, part);
    return;
  }
  const fileName = findFileName(part);
  if (fileName !== undefined && collection.fileNames.length < FILE_NAMES_MAX) {
    collection.fileNames.push(fileName);
  }
  const isAttached = isAttachment(part, parent, fileName);
  if (isAttached) collection.hasAttachment = true;
  if (part.message !== undefined) {
    visit(collection, part.message.root, undefined);
    return;
  }
  if (part.type !== "text" || part.subtype === "rtf") return;
  const text = readText(collection, part);
  collection.texts.push(text);
  const hasText = collection.firstText !== undefined && collection.firstText.trim() !== "";
  const isForReading = !isAttached && part.subtype !== "calendar";
  if (isForReading && !hasText) collection.firstText = text;
}

const machinery =
  /^(?:pgp-(?:signature|encrypted|keys)|(?:x-)?pkcs7-signature|(?:global-)?(?:delivery-status|disposition-notification|headers)|rfc822-headers)$/;

/**
 * What a person calls an attachment: what the sender says is one, and any other file that is not
 * shown inside the text (an image of multipart/related) nor machinery (signatures).
 */
function isAttachment(
  part: MessagePart,
  parent: MessagePart | undefined,
  fileName: string | undefined,
): boolean {
  if (machinery.test(part.subtype)) return false;
  if (part.disposition?.type === "attachment") return true;
  if (part.type === "text") return fileName !== undefined && part.disposition === undefined;
  const isShownInside = parent?.subtype === "related" || part.disposition?.type === "inline";
  return !isShownInside || (part.id === undefined && part.disposition === undefined);
}

function readText(collection: Collection, part: MessagePart): string {
  const size = part.bodyEnd - part.bodyStart;
  const taken = Math.min(size, collection.bytesLeft);
  if (taken < size) collection.isTruncated = true;
  collection.bytesLeft -= taken;
  const text = readPartText(collection.bytes, part, taken);
  return part.subtype === "html" ? htmlToText(text) : text;
}
