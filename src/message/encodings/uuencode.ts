import { asBuffer, CR, latin1, LF } from "../../base/bytes.ts";

/**
 * Uuencoded data: what stands between the `begin` and `end` lines, or all lines when there is no
 * `begin`. Lines whose length does not fit their first character give what they hold. One pass
 * without an object per line: fifty megabytes of line ends are a message, too.
 */
export function decodeUuencoded(bytes: Uint8Array): Uint8Array {
  const input = asBuffer(bytes);
  const decoded = Buffer.alloc(bytes.length);
  let length = 0;
  for (let at = findData(input); at < input.length;) {
    const lineFeed = input.indexOf(LF, at);
    const next = lineFeed < 0 ? input.length : lineFeed + 1;
    const hasCr = lineFeed > at && input[lineFeed - 1] === CR;
    const end = lineFeed < 0 ? input.length : lineFeed - (hasCr ? 1 : 0);
    if (isEnd(input, at, end)) break;
    length = decodeLine({ input, at, end }, decoded, length);
    at = next;
  }
  return decoded.subarray(0, length);
}

/** Where the line after `begin MODE NAME` starts; 0 when there is no such line. */
function findData(input: Buffer): number {
  for (let at = input.indexOf("begin "); at >= 0; at = input.indexOf("begin ", at + 1)) {
    const startsLine = at === 0 || input[at - 1] === LF;
    if (!startsLine || !/^begin [0-7]{3,4} /.test(latin1(input, at, at + 11))) continue;
    const lineFeed = input.indexOf(LF, at);
    return lineFeed < 0 ? input.length : lineFeed + 1;
  }
  return 0;
}

function isEnd(input: Buffer, at: number, end: number): boolean {
  if (end - at > 3) return false;
  const line = latin1(input, at, end);
  return line === "end" || line === "`";
}

/** @returns the length of what is decoded now. */
function decodeLine(
  line: { readonly input: Buffer; readonly at: number; readonly end: number },
  decoded: Buffer,
  length: number,
): number {
  const { input, at, end } = line;
  const held = Math.floor(((end - at - 1) * 3) / 4);
  const count = end > at ? Math.min(value(input[at]), held) : 0;
  for (let index = 0; index < count; index++) {
    const group = at + 1 + Math.floor(index / 3) * 4 + (index % 3);
    const high = value(input[group]);
    const low = group + 1 < end ? value(input[group + 1]) : 0;
    const shift = (index % 3) * 2;
    decoded[length + index] = ((high << (2 + shift)) | (low >>> (4 - shift))) & 255;
  }
  return length + count;
}

function value(digit: number | undefined): number {
  return ((digit ?? 0x20) - 0x20) & 63;
}
