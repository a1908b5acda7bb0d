import { CR, LF, SPACE, TAB } from "../../base/bytes.ts";

const HYPHEN = 0x2d;
const lineOfHyphens = Buffer.from("\n--");

/** A line that delimits parts (RFC 2046 §5.1.1). */
export interface BoundaryLine {
  /** Index in `boundaries` of the multipart that it belongs to. */
  readonly level: number;
  /** Where the body before it ends: before the line end that belongs to the boundary. */
  readonly bodyEnd: number;
  /** After the boundary's own line end. */
  readonly end: number;
  readonly isClose: boolean;
}

/** What a search needs: the bytes, and the boundaries of the open multiparts, outermost first. */
export interface BoundarySearch {
  readonly bytes: Buffer;
  readonly boundaries: Buffer[];
  steps: number;
}

/** The next boundary line at or after `from`, which is the start of a line. */
export function findBoundary(search: BoundarySearch, from: number): BoundaryLine | undefined {
  const { bytes } = search;
  if (bytes[from] === HYPHEN && bytes[from + 1] === HYPHEN) {
    const line = matchBoundary(search, from);
    if (line !== undefined) return line;
  }
  let at = bytes.indexOf(lineOfHyphens, from);
  while (at >= 0) {
    const line = matchBoundary(search, at + 1);
    if (line !== undefined) return line;
    at = bytes.indexOf(lineOfHyphens, at + 3);
  }
  return undefined;
}

/**
 * The boundary line that begins at `start`, where two hyphens stand. The rest of the line may hold
 * the closing hyphens and blanks, nothing else: RFC 2046 lets a reader match the beginning of a
 * line only, but then a boundary that begins like another one ends the wrong part. The innermost
 * multipart goes first; one around it ends all inside.
 */
export function matchBoundary(search: BoundarySearch, start: number): BoundaryLine | undefined {
  const { bytes, boundaries } = search;
  const from = start + 2;
  for (let level = boundaries.length - 1; level >= 0; level--) {
    search.steps++;
    const boundary = boundaries[level];
    if (boundary === undefined || !startsWith(bytes, from, boundary)) continue;
    search.steps += boundary.length;
    let at = from + boundary.length;
    const isClose = bytes[at] === HYPHEN && bytes[at + 1] === HYPHEN;
    if (isClose) at += 2;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    search.steps += at - from - boundary.length;
    if (bytes[at] === CR) at++;
    if (at < bytes.length && bytes[at] !== LF) continue;
    return {
      level,
      bodyEnd: lineEndBefore(bytes, start),
      end: Math.min(at + 1, bytes.length),
      isClose,
    };
  }
  return undefined;
}

function startsWith(bytes: Buffer, at: number, wanted: Buffer): boolean {
  if (bytes[at] !== wanted[0] || at + wanted.length > bytes.length) return false;
  for (let index = 1; index < wanted.length; index++) {
    if (bytes[at + index] !== wanted[index]) return false;
  }
  return true;
}

function lineEndBefore(bytes: Buffer, lineStart: number): number {
  if (lineStart === 0) return 0;
  return bytes[lineStart - 2] === CR ? lineStart - 2 : lineStart - 1;
}
