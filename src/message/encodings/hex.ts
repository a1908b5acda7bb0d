/** Value of a hexadecimal digit's byte, -1 for every other byte. */
export const hexValues: Int8Array = new Int8Array(256).fill(-1);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  hexValues[digit.charCodeAt(0)] = value;
  hexValues[digit.toUpperCase().charCodeAt(0)] = value;
}

/** The value of the two hexadecimal digits at `at`, or -1. */
export function hexPair(bytes: Uint8Array, at: number): number {
  const high = hexValues[bytes[at] ?? 0] ?? -1;
  const low = hexValues[bytes[at + 1] ?? 0] ?? -1;
  return (high | low) < 0 ? -1 : high * 16 + low;
}
