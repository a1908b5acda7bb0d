import type { Random } from "../../src/base/random.ts";
import { fromLatin1 } from "../../src/base/bytes.ts";

/** Longest input that the fuzz runner makes, in bytes. */
export const inputBytesMax = 65_536;

/** What breaks mail parsers: ends of lines and data, quotes, brackets, big numbers, escapes. */
const tokens: readonly Uint8Array[] = [
  ...["\r\n", "\r", "\n", "\0", "\r\n.\r\n", "\n.\n", "\r\n\r\n", " ", "\t", '"', "\\", "(", ")"],
  ...["<", ">", "@", ",", ";", ":", "[", "]", "{", "}", "{0}\r\n", "{4294967295}\r\n", "{5+}\r\n"],
  ...["~{3}\r\n", "=?utf-8?q?", "=?utf-8?b?", "?=", "=\r\n", "=0D=0A", "%00", "&", "&-", "&AOQ-"],
  ...["-1", "0", "4294967296", "9007199254740993", "99999999999999999999", "1:*", "NIL", "--", "*"],
  ...["\xff", "\xc3\xa9", "\xed\xa0\x80", "\xf0\x9f\x98\x80", "\xef\xbb\xbf", "\x7f", "boundary="],
].map(fromLatin1);

/** One input made from `seeds` by one to eight random changes; the same random, the same input. */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = (below: number): number => Math.floor(random.fraction() * below);
  let bytes = [...(seeds[pick(seeds.length)] ?? [])];
  for (let changes = 1 + pick(8); changes > 0; changes--) {
    bytes = change(bytes, seeds, random, pick).slice(0, inputBytesMax);
  }
  return Uint8Array.from(bytes);
}

function change(
  bytes: readonly number[],
  seeds: readonly Uint8Array[],
  random: Random,
  pick: (below: number) => number,
): number[] {
  const at = pick(bytes.length + 1);
  const end = at + pick(Math.min(bytes.length - at, 64) + 1);
  const part = bytes.slice(at, end);
  const other = seeds[pick(seeds.length)] ?? new Uint8Array();
  switch (pick(8)) {
    case 0:
      return bytes.toSpliced(at, 1, (bytes[at] ?? 0) ^ (1 << pick(8)));
    case 1:
      return bytes.toSpliced(at, end - at);
    case 2:
      return bytes.toSpliced(at, 0, ...random.bytes(1 + pick(8)));
    case 3:
      return bytes.toSpliced(end, 0, ...part);
    case 4:
      return bytes.toSpliced(at, pick(2), ...(tokens[pick(tokens.length)] ?? []));
    case 5:
      return [...bytes.slice(0, at), ...other.subarray(pick(other.length + 1))];
    case 6:
      return bytes.slice(0, at);
    default:
      return bytes.toSpliced(at, 0, ...repeat(tokens[pick(tokens.length)] ?? [], 1 + pick(300)));
  }
}

function repeat(token: Iterable<number>, times: number): number[] {
  const once = [...token];
  return Array.from({ length: times }, () => once).flat();
}
