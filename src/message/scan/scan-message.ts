import { assert } from "../../base/assert.ts";
import { readHeader } from "../headers.ts";
import type { Header } from "../headers.ts";
import type { MessageLimits } from "../limits.ts";
import { findParameter } from "../parameters.ts";
import type { EmbeddedMessage, MessagePart, MessageStructure } from "../structure.ts";
import { writeEnvelope } from "../wire/write-envelope.ts";
import { findBoundary, matchBoundary } from "./boundaries.ts";
import type { BoundaryLine, BoundarySearch } from "./boundaries.ts";
import { countLines } from "./count-lines.ts";
import { readPartFields } from "./part-fields.ts";
import type { PartFields } from "./part-fields.ts";

/** A structure and the header that was read for it, which delivery reads on. */
export interface ScannedMessage {
  readonly structure: MessageStructure;
  readonly header: Header;
}

/** State of one scan. `at` only grows, so that all searches together cross the bytes once. */
interface Scan extends BoundarySearch {
  readonly limits: MessageLimits;
  parts: number;
  steps: number;
  isTruncated: boolean;
  /** Embedded messages around the part at hand. */
  embeddings: number;
  linesAt: number;
  lines: number;
  /** The boundary line that ended the last part; undefined at the end of the bytes. */
  hit: BoundaryLine | undefined;
}

type Built<T> = { -readonly [Key in keyof T]: T[Key] };

export function scanMessage(bytes: Buffer, limits: MessageLimits): ScannedMessage {
  const scan: Scan = {
    bytes,
    limits,
    boundaries: [],
    parts: 0,
    steps: 0,
    isTruncated: false,
    embeddings: 0,
    linesAt: 0,
    lines: 0,
    hit: undefined,
  };
  const { part, header } = scanPart(scan, 0, false, 0);
  const { steps, isTruncated } = scan;
  return { structure: { root: part, steps, isTruncated }, header };
}

/** Reads the part whose header begins at `start`, up to the boundary left in `scan.hit`. */
function scanPart(
  scan: Scan,
  start: number,
  isInDigest: boolean,
  depth: number,
): { part: MessagePart; header: Header } {
  const { bytes, limits } = scan;
  scan.parts++;
  const stop = (lineStart: number) => matchBoundary(scan, lineStart) !== undefined;
  const header = readHeader(bytes, start, bytes.length, limits, stop);
  const fields = readPartFields(header, isInDigest, limits);
  scan.steps += header.bodyStart - start + fields.steps + 1;
  if (header.isTruncated || fields.isTruncated) scan.isTruncated = true;
  const mayNest = depth < limits.depthMax;
  const { type } = fields.part;
  const isContainer = type === "multipart" || isEmbedding(fields);
  if (isContainer && !mayNest) scan.isTruncated = true;
  if (type === "multipart") {
    const boundary = findParameter(fields.part.params, "boundary")?.trimEnd() ?? "";
    const part =
      mayNest && boundary !== ""
        ? scanMultipart(scan, header, fields, boundary, depth)
        : scanOpaqueMultipart(scan, header, fields);
    return { part, header };
  }
  const part =
    isContainer && mayNest
      ? scanEmbedding(scan, header, fields, depth)
      : scanLeaf(scan, header, fields);
  return { part, header };
}

/** An embedded message can be described only where its bytes stand as they are. */
function isEmbedding({ part }: PartFields): boolean {
  return (
    part.type === "message" &&
    (part.subtype === "rfc822" || part.subtype === "global") &&
    part.encoding !== "base64" &&
    part.encoding !== "quoted-printable"
  );
}

function scanLeaf(scan: Scan, header: Header, fields: PartFields): MessagePart {
  scan.hit = nextHit(scan, header.bodyStart);
  const part = finishPart(scan, header, fields);
  if (part.type === "text" || part.type === "message") {
    part.lines = countPartLines(scan, part.bodyStart, part.bodyEnd);
  }
  return part;
}

function scanEmbedding(scan: Scan, header: Header, fields: PartFields, depth: number): MessagePart {
  if (scan.embeddings === 0) scan.linesAt = header.bodyStart;
  const linesBefore = linesTo(scan, header.bodyStart);
  scan.embeddings++;
  const inner = scanPart(scan, header.bodyStart, false, depth + 1);
  scan.embeddings--;
  const envelope = writeEnvelope(inner.header, scan.limits);
  scan.steps += envelope.steps;
  const message: EmbeddedMessage = { envelope: envelope.text, root: inner.part };
  const part = finishPart(scan, header, fields);
  part.lines = linesTo(scan, part.bodyEnd) - linesBefore;
  part.message = message;
  return part;
}

function scanMultipart(
  scan: Scan,
  header: Header,
  fields: PartFields,
  boundary: string,
  depth: number,
): MessagePart {
  const level = scan.boundaries.length;
  scan.boundaries.push(Buffer.from(boundary, "utf8"));
  const isDigest = fields.part.subtype === "digest";
  const parts: MessagePart[] = [];
  scan.hit = nextHit(scan, header.bodyStart);
  while (scan.hit !== undefined && scan.hit.level === level && !scan.hit.isClose) {
    const childStart: number = scan.hit.end;
    if (scan.parts >= scan.limits.partsMax) {
      scan.isTruncated = true;
      scan.hit = nextHit(scan, childStart);
    } else parts.push(scanPart(scan, childStart, isDigest, depth + 1).part);
  }
  scan.boundaries.pop();
  if (scan.hit?.level === level) scan.hit = nextHit(scan, scan.hit.end);
  const part = finishPart(scan, header, fields);
  if (parts.length === 0) parts.push(wholeBodyAsText(scan, part));
  part.parts = parts;
  return part;
}

/** A multipart that cannot be taken apart: its body is shown as one plain text. */
function scanOpaqueMultipart(scan: Scan, header: Header, fields: PartFields): MessagePart {
  scan.hit = nextHit(scan, header.bodyStart);
  const part = finishPart(scan, header, fields);
  part.parts = [wholeBodyAsText(scan, part)];
  return part;
}

function wholeBodyAsText(scan: Scan, multipart: MessagePart): MessagePart {
  const { bodyStart, bodyEnd } = multipart;
  return {
    headerStart: bodyStart,
    bodyStart,
    bodyEnd,
    lines: countPartLines(scan, bodyStart, bodyEnd),
    type: "text",
    subtype: "plain",
    params: [],
    encoding: "7bit",
  };
}

function finishPart(scan: Scan, header: Header, fields: PartFields): Built<MessagePart> {
  const { bodyStart, start } = header;
  const { hit } = scan;
  if (hit === undefined) {
    return { headerStart: start, bodyStart, bodyEnd: scan.bytes.length, ...fields.part };
  }
  // Two boundary lines in a row share a line end: the parts around this one end here too.
  if (hit.bodyEnd < bodyStart) scan.hit = { ...hit, bodyEnd: bodyStart };
  return {
    headerStart: start,
    bodyStart,
    bodyEnd: Math.max(bodyStart, hit.bodyEnd),
    ...fields.part,
  };
}

function nextHit(scan: Scan, from: number): BoundaryLine | undefined {
  if (scan.boundaries.length === 0) return undefined;
  const hit = findBoundary(scan, from);
  scan.steps += ((hit?.end ?? scan.bytes.length) - from) >>> 4;
  return hit;
}

function countPartLines(scan: Scan, start: number, end: number): number {
  scan.steps += (end - start) >>> 4;
  if (scan.embeddings === 0) return countLines(scan.bytes, start, end);
  const before = linesTo(scan, start);
  return linesTo(scan, end) - before;
}

/**
 * Line feeds between the outermost embedded message's first byte and `position`. Positions never
 * shrink, so that nested messages count each line once.
 */
function linesTo(scan: Scan, position: number): number {
  assert(position >= scan.linesAt, "lines are counted in order");
  scan.lines += countLines(scan.bytes, scan.linesAt, position);
  scan.linesAt = position;
  return scan.lines;
}
