import { findSection as findPartSection } from "../../../message/part-path.ts";
import type { MessageStructure } from "../../../message/structure.ts";
import type { Section } from "../../grammar/sections.ts";

/** Bytes of the message that a section stands for; `end` is exclusive. */
export interface SectionRange {
  readonly start: number;
  readonly end: number;
  /** Of the part, lower case: what BINARY takes away. */
  readonly encoding: string;
  /** A multipart has no encoding of its own (RFC 2045 §6.4). */
  readonly isLeaf: boolean;
}

export function wholeMessage(sizeBytes: number): SectionRange {
  return { start: 0, end: sizeBytes, encoding: "binary", isLeaf: false };
}

/**
 * Where a section lies (RFC 9051 §6.4.5.1); undefined when the message has no such part.
 * `sizeBytes` is that of the whole message.
 */
export function findSection(
  structure: MessageStructure,
  section: Section,
  sizeBytes: number,
): SectionRange | undefined {
  const { kind } = section.text;
  if (section.part.length === 0 && kind === "all") return wholeMessage(sizeBytes);
  const text = kind === "all" ? "body" : kind === "fields" ? "header" : kind;
  const found = findPartSection(structure, section.part, text);
  if (found === undefined) return undefined;
  return {
    start: found.start,
    end: Math.max(found.start, found.end),
    encoding: found.part.encoding,
    isLeaf: found.part.parts === undefined && found.part.message === undefined,
  };
}
