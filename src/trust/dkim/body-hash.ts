import { createHash } from "node:crypto";
import { asBuffer, CR, LF, SPACE, TAB } from "../../base/bytes.ts";

/** RFC 6376 §3.4. */
export type Canonicalization = "simple" | "relaxed";

export interface BodyHash {
  /** SHA-256 of the canonical body, or of its first bytes when a length was asked for. */
  readonly digest: Uint8Array;
  /** Bytes of the whole canonical body. */
  readonly canonicalBytes: number;
}

const lineEnd = Buffer.from("\r\n");
const chunkBytes = 64 * 1024;
/** After so many bytes without white space, the rest of a run is searched and not walked. */
const plainRunBytes = 128;
/** Pieces above this are hashed where they lie; the buffer for smaller ones has room for some. */
const largeBytes = 4_096;

/**
 * Hashes a body in one pass and constant memory. `lengthMax` is `l=` of RFC 6376 §3.5: so many
 * canonical bytes count.
 */
export function hashBody(
  bytes: Uint8Array,
  start: number,
  canonicalization: Canonicalization,
  lengthMax = Number.POSITIVE_INFINITY,
): BodyHash {
  const hash = createHash("sha256");
  let canonicalBytes = 0;
  const emit = (chunk: Uint8Array) => {
    const room = lengthMax - canonicalBytes;
    if (room > 0) hash.update(chunk.length <= room ? chunk : chunk.subarray(0, room));
    canonicalBytes += chunk.length;
  };
  if (canonicalization === "simple") emitSimple(bytes, start, emit);
  else emitRelaxed(asBuffer(bytes), start, emit);
  return { digest: hash.digest(), canonicalBytes };
}

/** RFC 6376 §3.4.3: empty lines at the end go, and there is a line end. */
function emitSimple(bytes: Uint8Array, start: number, emit: (chunk: Uint8Array) => void): void {
  let end = bytes.length;
  while (end - start >= 2 && bytes[end - 2] === CR && bytes[end - 1] === LF) end -= 2;
  if (end > start) emit(bytes.subarray(start, end));
  emit(lineEnd);
}

/**
 * RFC 6376 §3.4.4: also white space at line ends goes, and other runs of it become one space. What
 * stays as it is, which is most of most bodies, is found in one read and hashed in large pieces.
 */
function emitRelaxed(bytes: Buffer, start: number, emit: (chunk: Uint8Array) => void): void {
  const end = findContentEnd(bytes, start);
  if (end === start) return;
  const gather = createGatherer(bytes, emit);
  const findIrregular = createIrregularSearch(bytes, end);
  let kept = start;
  for (let at = findIrregular(start); at < end; at = findIrregular(kept)) {
    gather.add(kept, at);
    kept = at + 1;
    while (isBlank(bytes[kept] ?? 0)) kept++;
    if (bytes[kept] !== CR || bytes[kept + 1] !== LF) gather.addSpace();
  }
  gather.add(kept, end);
  gather.flush();
  emit(lineEnd);
}

/**
 * Finds the next tab, or space before a blank or CR; `end` when there is none. Long runs without
 * white space, such as base64, are searched and not walked; what a search found is remembered, so
 * that no byte is searched twice for the same.
 */
function createIrregularSearch(bytes: Buffer, end: number): (from: number) => number {
  const known = { [SPACE]: -1, [TAB]: -1 };
  const find = (byte: typeof SPACE | typeof TAB, from: number) => {
    if (known[byte] >= from) return known[byte];
    const found = bytes.indexOf(byte, from);
    known[byte] = found < 0 || found > end ? end : found;
    return known[byte];
  };
  return (from) => {
    let plainFrom = from;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte > SPACE) {
        if (at - plainFrom < plainRunBytes) continue;
        at = Math.min(find(SPACE, at), find(TAB, at)) - 1;
        plainFrom = at;
      } else if (byte === SPACE) {
        const next = bytes[at + 1] ?? 0;
        if (next <= SPACE && (isBlank(next) || next === CR)) return at;
        plainFrom = at;
      } else if (byte === TAB) return at;
    }
    return end;
  };
}

/** Puts small pieces together, so that a hash is not fed by the word; large ones go as they are. */
function createGatherer(bytes: Uint8Array, emit: (chunk: Uint8Array) => void) {
  let out = new Uint8Array(0);
  let filled = 0;
  const flush = () => {
    if (filled > 0) emit(out.subarray(0, filled));
    filled = 0;
  };
  const makeRoom = (count: number) => {
    if (out.length === 0) out = new Uint8Array(Math.min(chunkBytes, bytes.length + 1));
    if (filled + count > out.length) flush();
  };
  return {
    flush,
    addSpace() {
      makeRoom(1);
      out[filled++] = SPACE;
    },
    add(from: number, to: number) {
      const count = to - from;
      if (count > largeBytes) {
        flush();
        return emit(bytes.subarray(from, to));
      }
      makeRoom(count);
      if (count > 32) out.set(bytes.subarray(from, to), filled);
      else for (let at = 0; at < count; at++) out[filled + at] = bytes[from + at] ?? 0;
      filled += count;
    },
  };
}

/** After the last byte that is neither white space nor part of an empty line at the end. */
function findContentEnd(bytes: Uint8Array, start: number): number {
  let end = bytes.length;
  while (end > start) {
    const last = bytes[end - 1];
    if (isBlank(last ?? 0)) end--;
    else if (last === LF && end - start >= 2 && bytes[end - 2] === CR) end -= 2;
    else break;
  }
  return end;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}
