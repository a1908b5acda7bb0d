import { asBuffer } from "../../base/bytes.ts";

const PLUS = 0x2b;
const MINUS = 0x2d;

/** Value of a base64 digit in modified base64 (RFC 2152), -1 for other bytes. */
const digitValues = new Int8Array(256).fill(-1);
for (const [index, digit] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
].entries()) {
  digitValues[digit.charCodeAt(0)] = index;
}

/** UTF-7 (RFC 2152) to text. Bits left over at the end of a shift are dropped. */
export function decodeUtf7(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let length = 0;
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at++] ?? 0;
    if (byte !== PLUS) {
      units[length++] = byte < 0x80 ? byte : 0xfffd;
      continue;
    }
    if (bytes[at] === MINUS) {
      units[length++] = PLUS;
      at++;
      continue;
    }
    let bits = 0;
    let bitCount = 0;
    for (; at < bytes.length; at++) {
      const value = digitValues[bytes[at] ?? 0] ?? -1;
      if (value < 0) break;
      bits = ((bits << 6) | value) & 0x3fffff;
      bitCount += 6;
      if (bitCount >= 16) {
        bitCount -= 16;
        units[length++] = (bits >>> bitCount) & 0xffff;
      }
    }
    if (bytes[at] === MINUS) at++;
  }
  return asBuffer(new Uint8Array(units.buffer, 0, length * 2))
    .toString("utf16le")
    .toWellFormed();
}
