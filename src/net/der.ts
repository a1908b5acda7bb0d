import { concat, fromLatin1, fromUtf8 } from "../base/bytes.ts";

/** Writers of the few kinds of DER (X.690 §8 to §11) that a certificate needs. */
export const der = {
  sequence: (...parts: readonly Uint8Array[]) => tagged(0x30, ...parts),
  set: (...parts: readonly Uint8Array[]) => tagged(0x31, ...parts),
  boolean: (value: boolean) => tagged(0x01, Uint8Array.of(value ? 0xff : 0)),
  octets: (...parts: readonly Uint8Array[]) => tagged(0x04, ...parts),
  utf8: (text: string) => tagged(0x0c, fromUtf8(text)),
  /** `unusedBits` of the last byte do not count. */
  bits: (bytes: Uint8Array, unusedBits = 0) => tagged(0x03, Uint8Array.of(unusedBits), bytes),
  /** A number of 0 or more, big-endian. */
  integer: (bytes: Uint8Array) => tagged(0x02, minimal(bytes)),
  /** "1.2.840.10045.4.3.2". */
  oid,
  time,
  /** [number] with parts inside. */
  explicit: (number: number, ...parts: readonly Uint8Array[]) => tagged(0xa0 + number, ...parts),
  /** [number] in place of the tag of a plain value. */
  implicit: (number: number, bytes: Uint8Array) => tagged(0x80 + number, bytes),
};

function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(parts);
  return concat([Uint8Array.of(tag), length(content.length), content]);
}

/** X.690 §10.1: the shortest form. */
function length(count: number): Uint8Array {
  if (count < 0x80) return Uint8Array.of(count);
  const bytes: number[] = [];
  for (let rest = count; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(0x80 + bytes.length, ...bytes);
}

/** X.690 §8.3.2: no needless zero in front, but one where the first bit would mean a minus. */
function minimal(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const bare = bytes.subarray(start);
  return (bare[0] ?? 0) >= 0x80 ? concat([Uint8Array.of(0), bare]) : bare;
}

/** X.690 §8.19. */
function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift(0x80 + (left % 128));
    }
    bytes.push(...groups);
  }
  return tagged(0x06, Uint8Array.from(bytes));
}

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. */
function time(atMs: number): Uint8Array {
  const digits = `${new Date(atMs)
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/[-:T]/g, "")}Z`;
  const isLate = digits >= "2050";
  return tagged(isLate ? 0x18 : 0x17, fromLatin1(isLate ? digits : digits.slice(2)));
}
