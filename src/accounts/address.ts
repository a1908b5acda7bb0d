import { domainToASCII } from "node:url";
import { Refusal } from "../base/faults.ts";

/** An address in the one form in which we keep and compare addresses. */
export interface Address {
  /** Lower case; here "Ana" and "ana" are one person (RFC 5321 §2.4 leaves that to us). */
  readonly localpart: string;
  /** The localpart as it was given, without quotes. */
  readonly spelled: string;
  /** Lower-case A-labels (RFC 5890 §2.3.2.1), or an address literal in brackets. */
  readonly domain: string;
  /** `localpart@domain`. */
  readonly text: string;
}

/** RFC 5321 §4.5.3.1.1, bytes. */
export const localpartBytesMax = 64;
/** RFC 5321 §4.5.3.1.2, bytes. */
export const domainBytesMax = 255;

/** Reads an address as it stands in an envelope; undefined when it has no usable form. */
export function findAddress(text: string): Address | undefined {
  const at = text.lastIndexOf("@");
  const domain = at < 0 ? undefined : findDomain(text.slice(at + 1));
  const spelled = unquote(text.slice(0, Math.max(0, at))).normalize("NFC");
  const localpart = spelled.toLowerCase();
  if (domain === undefined || localpart === "") return undefined;
  if (Buffer.byteLength(localpart) > localpartBytesMax) return undefined;
  return { localpart, spelled, domain, text: `${localpart}@${domain}` };
}

/** A domain name in lower-case A-label form, without a final dot; undefined when it is none. */
export function findDomain(text: string): string | undefined {
  if (text.length > domainBytesMax * 4) return undefined;
  const bare = text.endsWith(".") ? text.slice(0, -1) : text;
  if (/^\[[\w.:-]+\]$/.test(bare)) return bare.toLowerCase();
  // The function also reads "1.2" and "0x7f" as IPv4 addresses, and percent-decodes.
  if (/[%[\]:/?#@\\\s]/.test(bare) || /(^|\.)(0x[\da-f]*|\d+)$/i.test(bare)) return undefined;
  const ascii = domainToASCII(bare);
  const isName = /^(?!.*\.\.)[a-z0-9_-]([a-z0-9._-]*[a-z0-9_-])?$/.test(ascii);
  return isName && ascii.length <= domainBytesMax ? ascii : undefined;
}

/**
 * An address that may be given to an account or alias.
 * @throws Refusal `syntax` that says what an address looks like.
 */
export function parseOwnAddress(text: string): Address {
  const address = findAddress(text.trim());
  if (address === undefined || !/^[^\s"(),:;<>@[\\\]\p{C}]+$/u.test(address.localpart)) {
    throw new Refusal("syntax", `"${text}" is not a mail address: write it like ana@example.org.`);
  }
  if (/^\.|\.\.|\.$/.test(address.localpart)) {
    throw new Refusal("syntax", `"${text}" has a dot too many before the "@".`);
  }
  return address;
}

/** @throws Refusal `syntax` that says what a domain looks like. */
export function parseOwnDomain(text: string): string {
  const domain = findDomain(text.trim());
  if (domain === undefined || domain.startsWith("[")) {
    throw new Refusal("syntax", `"${text}" is not a domain name: write it like example.org.`);
  }
  return domain;
}

/** `"ana"@…` and `ana@…` are one localpart (RFC 5321 §4.1.2). */
function unquote(localpart: string): string {
  if (localpart.length < 2 || !localpart.startsWith('"') || !localpart.endsWith('"')) {
    return localpart;
  }
  return localpart.slice(1, -1).replace(/\\(.)/gs, "$1");
}
