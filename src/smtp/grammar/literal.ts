/** An address literal's address (RFC 5321 §4.1.3), IPv6 without its tag, lower case. */
export interface AddressLiteral {
  readonly kind: "ipv4" | "ipv6";
  readonly address: string;
}

const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

/**
 * Reads "[192.0.2.1]" or "[IPv6:2001:db8::1]". General literals with other tags are not known to
 * anybody and are refused, as RFC 5321 §4.1.3 allows.
 */
export function parseAddressLiteral(text: string): AddressLiteral | undefined {
  if (text.length > 60 || !text.startsWith("[") || !text.endsWith("]")) return undefined;
  const inner = text.slice(1, -1);
  if (ipv4.test(inner)) return { kind: "ipv4", address: inner };
  if (!/^ipv6:/i.test(inner)) return undefined;
  const address = inner.slice(5).toLowerCase();
  return isIpv6(address) ? { kind: "ipv6", address } : undefined;
}

export function formatAddressLiteral(address: string): string {
  return address.includes(":") ? `[IPv6:${address}]` : `[${address}]`;
}

/** RFC 4291 §2.2: eight groups, or fewer with one "::", the last two perhaps as IPv4. */
function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let groupCount = 0;
  for (const [at, half] of halves.entries()) {
    if (half === "") {
      if (halves.length === 1) return false;
      continue;
    }
    const groups = half.split(":");
    for (const [place, group] of groups.entries()) {
      const isLast = at === halves.length - 1 && place === groups.length - 1;
      if (isLast && ipv4.test(group)) groupCount += 2;
      else if (/^[0-9a-f]{1,4}$/.test(group)) groupCount += 1;
      else return false;
    }
  }
  return halves.length === 2 ? groupCount <= 7 : groupCount === 8;
}
