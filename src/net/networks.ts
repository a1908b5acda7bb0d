import { BlockList, isIP } from "node:net";
import { Refusal } from "../base/faults.ts";

/** A set of addresses, such as trusted proxies or hosts that may relay. */
export interface Networks {
  /** Whether an address in text form is in it; what is no address is not. */
  has(address: string): boolean;
}

/**
 * Networks from texts such as "192.0.2.0/24", "2001:db8::/32" and "127.0.0.1".
 * @throws Refusal `syntax`, naming the text that is wrong.
 */
export function parseNetworks(texts: readonly string[]): Networks {
  const list = new BlockList();
  for (const text of texts) {
    const { address, family, prefixBits } = parseNetwork(text);
    list.addSubnet(address, prefixBits, family);
  }
  return {
    has(address) {
      const plain = plainAddress(address);
      const family = familyOf(plain);
      return family !== undefined && list.check(plain, family);
    },
  };
}

/** An address as text: IPv4-mapped as IPv4, without a zone ("fe80::1%eth0"). */
export function plainAddress(address: string): string {
  const zone = address.indexOf("%");
  const bare = zone < 0 ? address : address.slice(0, zone);
  if (!bare.startsWith("::ffff:")) return bare;
  const mapped = bare.slice("::ffff:".length);
  return isIP(mapped) === 4 ? mapped : bare;
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

/**
 * What counts as one client: an IPv4 address, or the /64 that a network hands to one customer
 * (RFC 6177 §2), in one spelling.
 */
export function clientKey(address: string): string {
  const plain = plainAddress(address);
  const words = parseIpv6(plain);
  if (words === undefined) return plain;
  return `${words
    .slice(0, 4)
    .map((word) => word.toString(16))
    .join(":")}::/64`;
}

/**
 * 4 or 16 bytes as an address in text form: IPv6 as RFC 5952 §4 spells it, IPv4-mapped as IPv4.
 */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const words = Array.from(
    { length: 8 },
    (_, at) => (bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0),
  );
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff) {
    return bytes.subarray(12).join(".");
  }
  // The WHATWG URL parser spells IPv6 by the same rules.
  const spelled = new URL(`http://[${words.map((word) => word.toString(16)).join(":")}]`).hostname;
  return spelled.slice(1, -1);
}

/** The eight 16-bit words of an IPv6 address; undefined for anything else. */
export function parseIpv6(address: string): readonly number[] | undefined {
  if (isIP(address) !== 6) return undefined;
  const [left = "", right] = (address.split("%")[0] ?? "").split("::");
  const head = words(left);
  const tail = right === undefined ? [] : words(right);
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Words of one side of "::", with an IPv4 address at its end as two words. */
function words(side: string): number[] {
  if (side === "") return [];
  return side.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function parseNetwork(text: string) {
  const slash = text.indexOf("/");
  const address = plainAddress(slash < 0 ? text : text.slice(0, slash));
  const family = familyOf(address);
  const bitsMax = family === "ipv4" ? 32 : 128;
  const bits = slash < 0 ? String(bitsMax) : text.slice(slash + 1);
  if (family === undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > bitsMax) {
    throw new Refusal(
      "syntax",
      `"${text}" is not a network: write 192.0.2.0/24, 2001:db8::/32 or one address.`,
    );
  }
  return { address, family, prefixBits: Number(bits) };
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : undefined;
}
