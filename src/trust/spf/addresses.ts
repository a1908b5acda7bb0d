import { parseIpv6, plainAddress } from "../../net/networks.ts";

/** 4 or 16 bytes of an address in text form, IPv4-mapped ones as IPv4; undefined for other text. */
export function parseAddress(text: string): Uint8Array | undefined {
  const plain = plainAddress(text.toLowerCase());
  return parseIpv4Bytes(plain) ?? parseIpv6Bytes(plain);
}

/** RFC 7208 §12 ip4-network: four decimal numbers without needless zeros. */
export function parseIpv4Bytes(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const digits = match.slice(1);
  const isPlain = digits.every((part) => Number(part) <= 255 && String(Number(part)) === part);
  return isPlain ? Uint8Array.from(digits, Number) : undefined;
}

export function parseIpv6Bytes(text: string): Uint8Array | undefined {
  if (text.includes("%")) return undefined;
  const words = parseIpv6(text);
  if (words === undefined) return undefined;
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]));
}

/** Whether two addresses of one family agree in their first `bits` bits. */
export function matchesPrefix(one: Uint8Array, other: Uint8Array, bits: number): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0, left = bits; left > 0; at++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if (((one[at] ?? 0) & mask) !== ((other[at] ?? 0) & mask)) return false;
  }
  return true;
}
