/** Bytes as Latin-1 text: one character per byte, nothing lost. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return asBuffer(bytes).toString("latin1", start, end);
}

/** Bytes as UTF-8 text; what is not UTF-8 becomes U+FFFD. */
export function utf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return asBuffer(bytes).toString("utf8", start, end);
}

/** Text as UTF-8 bytes. */
export function fromUtf8(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** Text whose characters are all below U+0100 as bytes, one each. */
export function fromLatin1(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** The same memory seen as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One array with all of `parts` in order. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const first = parts[0];
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

/** A set of byte values, built from ranges as an RFC gives them, asked by index. */
export function byteClass(...ranges: readonly (number | readonly [number, number] | string)[]) {
  const table = new Uint8Array(256);
  for (const range of ranges) {
    if (typeof range === "number") table[range] = 1;
    else if (typeof range === "string") for (const byte of fromLatin1(range)) table[byte] = 1;
    else for (let byte = range[0]; byte <= range[1]; byte++) table[byte] = 1;
  }
  return table;
}

export const NUL = 0x00;
export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
