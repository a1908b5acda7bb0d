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

const nothing = new Uint8Array();

/** One input made from `seeds` by one to eight random changes; the same random, the same input. */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = (below: number): number => Math.floor(random.fraction() * below);
  let bytes = seeds[pick(seeds.length)] ?? nothing;
  for (let changes = 1 + pick(8); changes > 0; changes--) {
    bytes = change(bytes, seeds, random, pick).subarray(0, inputBytesMax);
  }
  return Uint8Array.from(bytes); // never a Buffer, whose slice() shares memory, nor the seed itself
}

function change(
  bytes: Uint8Array,
  seeds: readonly Uint8Array[],
  random: Random,
  pick: (below: number) => number,
): Uint8Array {
  const at = pick(bytes.length + 1);
  const end = at + pick(Math.min(bytes.length - at, 64) + 1);
  const other = seeds[pick(seeds.length)] ?? nothing;
  const token = (): Uint8Array => tokens[pick(tokens.length)] ?? nothing;
  switch (pick(8)) {
    case 0:
      return splice(bytes, at, 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << pick(8))));
    case 1:
      return splice(bytes, at, end - at, nothing);
    case 2:
      return splice(bytes, at, 0, random.bytes(1 + pick(8)));
    case 3:
      return splice(bytes, end, 0, bytes.subarray(at, end));
    case 4:
      return splice(bytes, at, pick(2), token());
    case 5:
      return splice(bytes, at, bytes.length, other.subarray(0, pick(other.length + 1)));
    case 6:
      return bytes.subarray(0, at);
    default:
      return splice(bytes, at, 0, repeat(token(), 1 + pick(300)));
  }
}

/** A copy in which `part` stands in place of the `removed` bytes from `at`. */
function splice(bytes: Uint8Array, at: number, removed: number, part: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + removed)]);
}

function repeat(token: Uint8Array, times: number): Uint8Array {
  return Buffer.concat(Array.from({ length: times }, () => token));
}
