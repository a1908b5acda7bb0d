import { asBuffer } from "../../base/bytes.ts";

/**
 * Uuencoded data: what stands between the `begin` and `end` lines, or all lines when there is no
 * `begin`. Lines whose length does not fit their first character give what they hold.
 */
export function decodeUuencoded(bytes: Uint8Array): Uint8Array {
  const lines = asBuffer(bytes).toString("latin1").split(/\r?\n/);
  const begin = lines.findIndex((line) => /^begin [0-7]{3,4} /.test(line));
  const decoded = Buffer.alloc(bytes.length);
  let length = 0;
  for (const line of lines.slice(begin + 1)) {
    if (line === "end" || line === "`") break;
    const count = Math.min((line.charCodeAt(0) - 32) & 63, Math.floor(((line.length - 1) * 3) / 4));
    for (let index = 0; index < count; index++) {
      const group = 1 + Math.floor(index / 3) * 4 + (index % 3);
      const high = (line.charCodeAt(group) - 32) & 63;
      const low = group + 1 < line.length ? (line.charCodeAt(group + 1) - 32) & 63 : 0;
      const shift = (index % 3) * 2;
      decoded[length++] = ((high << (2 + shift)) | (low >>> (4 - shift))) & 255;
    }
  }
  return decoded.subarray(0, length);
}
