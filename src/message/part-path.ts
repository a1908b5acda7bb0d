import type { MessagePart, MessageStructure } from "./structure.ts";

/** Bytes of a message that a section names. */
export interface Section {
  /** First byte. */
  readonly start: number;
  /** First byte after it. */
  readonly end: number;
  /** The part whose header or body it is. */
  readonly part: MessagePart;
}

/** What of a part is wanted (RFC 9051 §6.4.5.1). */
export type SectionText = "body" | "header" | "text" | "mime";

const pathPattern =
  /^(?:([1-9]\d{0,8}(?:\.[1-9]\d{0,8})*)(?:\.(HEADER|TEXT|MIME))?|HEADER|TEXT)?$/i;
const PATH_LENGTH_MAX = 1000;

/**
 * The bytes of a section as IMAP numbers them (RFC 9051 §6.4.5.1): empty is the whole message,
 * `HEADER` and `TEXT` its two halves, `2.1` the body of a part, `2.MIME` its header, `2.HEADER` and
 * `2.TEXT` the halves of the message embedded in part 2. `undefined` when there is no such section.
 */
export function findPart(structure: MessageStructure, path: string): Section | undefined {
  if (path.length > PATH_LENGTH_MAX) return undefined;
  const match = pathPattern.exec(path);
  if (match === null) return undefined;
  const numbers = match[1]?.split(".").map(Number) ?? [];
  const last = match[1] === undefined ? path : (match[2] ?? "");
  const texts = { "": "body", header: "header", text: "text", mime: "mime" } as const;
  const text = Object.entries(texts).find(([name]) => name === last.toLowerCase())?.[1];
  return text === undefined ? undefined : findSection(structure, numbers, text);
}

/** The same for a path that is parsed already: part numbers from 1, and what of that part. */
export function findSection(
  structure: MessageStructure,
  numbers: readonly number[],
  text: SectionText,
): Section | undefined {
  const { root } = structure;
  if (numbers.length === 0) {
    if (text === "mime") return undefined;
    if (text === "body") return { start: root.headerStart, end: root.bodyEnd, part: root };
    return halfOf(root, text);
  }
  const part = findNumberedPart(root, numbers);
  if (part === undefined) return undefined;
  if (text === "body") return { start: part.bodyStart, end: part.bodyEnd, part };
  if (text === "mime") return { start: part.headerStart, end: part.bodyStart, part };
  return part.message === undefined ? undefined : halfOf(part.message.root, text);
}

function halfOf(root: MessagePart, text: "header" | "text"): Section {
  return text === "header"
    ? { start: root.headerStart, end: root.bodyStart, part: root }
    : { start: root.bodyStart, end: root.bodyEnd, part: root };
}

/** A message that is no multipart has one part, number 1: its body. */
function findNumberedPart(root: MessagePart, numbers: readonly number[]): MessagePart | undefined {
  let container: MessagePart | undefined = root;
  let part: MessagePart | undefined;
  for (const number of numbers) {
    if (container === undefined) return undefined;
    if (container.parts !== undefined) part = container.parts[number - 1];
    else part = number === 1 && isMessageRoot(container, root, part) ? container : undefined;
    if (part === undefined) return undefined;
    container = part.parts !== undefined ? part : part.message?.root;
  }
  return part;
}

function isMessageRoot(container: MessagePart, root: MessagePart, part?: MessagePart): boolean {
  return container === root ? part === undefined : part?.message?.root === container;
}
