import { domainToASCII } from "node:url";

/** RFC 1035 §2.3.4 without the length bytes and the root: characters of a name. */
export const nameLengthMax = 253;
const labelLengthMax = 63;

/**
 * A domain in lower-case A-labels without a final dot (RFC 5890 §2.3.2.1); undefined when DNS
 * cannot hold it. Underscores stay: names such as `_dmarc.example.org` are no host names.
 */
export function findAsciiDomain(text: string): string | undefined {
  const ascii = /^[\x21-\x7e]*$/.test(text) ? text.toLowerCase() : domainToASCII(text);
  const bare = ascii.endsWith(".") ? ascii.slice(0, -1) : ascii;
  if (bare === "" || bare.length > nameLengthMax) return undefined;
  const isGood = bare.split(".").every(({ length }) => length > 0 && length <= labelLengthMax);
  return isGood ? bare : undefined;
}

/** A domain with two labels or more of letters, digits, hyphens and underscores. */
export function findHostName(text: string): string | undefined {
  const ascii = findAsciiDomain(text);
  const isHost = ascii !== undefined && ascii.includes(".") && /^[a-z0-9._-]+$/.test(ascii);
  return isHost ? ascii : undefined;
}

/** Whether `name` is `domain` or below it; both in lower-case A-labels. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}
