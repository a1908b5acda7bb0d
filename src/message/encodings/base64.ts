const EQUALS = 0x3d;
const noDigit = 64;

/** Value of each byte as a base64 digit, either alphabet (RFC 4648 §4 and §5); else `noDigit`. */
const digitValues = makeDigitValues();

/**
 * Base64 in which padding begins a new quantum and other bytes are skipped, in one pass and one
 * piece of memory: a megabyte of "=AA=" must not become a million objects.
 */
export function decodePaddedBase64(bytes: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(Math.ceil((bytes.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let bitCount = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === EQUALS) {
      bitCount = 0;
      continue;
    }
    const value = digitValues[byte] ?? noDigit;
    if (value === noDigit) continue;
    bits = ((bits << 6) | value) & 0xfff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    decoded[length++] = bits >> bitCount;
  }
  return decoded.subarray(0, length);
}

function makeDigitValues(): Uint8Array {
  const values = new Uint8Array(256).fill(noDigit);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value;
  values[0x2d] = 62;
  values[0x5f] = 63;
  return values;
}
