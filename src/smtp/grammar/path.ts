import { domainToASCII } from "node:url";
import { parseAddressLiteral } from "./literal.ts";

/** A path of MAIL or RCPT (RFC 5321 §4.1.2) in canonical form. */
export type Path =
  /** "<>", the sender of notices. */
  | { readonly kind: "null" }
  /** "<Postmaster>" without a domain, any letter case (RFC 5321 §4.1.1.3). */
  | { readonly kind: "postmaster" }
  | {
      readonly kind: "mailbox";
      /** `localPart@domain`, the local part quoted only where it has to be. */
      readonly address: string;
      readonly localPart: string;
      /** Lower case, A-labels; or an address literal in brackets. */
      readonly domain: string;
      /** The local part has characters beyond ASCII: SMTPUTF8 is needed to pass it on. */
      readonly needsUtf8: boolean;
      /** It was written with characters beyond ASCII somewhere (RFC 6531 §3.3). */
      readonly isUtf8: boolean;
    };

export interface ParsedPath {
  readonly path: Path;
  /** Index of the first character behind the closing bracket. */
  readonly end: number;
}

/**
 * Octets of a local part. Deviates: RFC 5321 §4.5.3.1.1 asks for 64 at least and calls longer
 * ones risky; senders with encoded return addresses (VERP, SRS) pass it every day.
 */
const localPartBytesMax = 256;
/** RFC 5321 §4.5.3.1.2: octets of a domain. */
const domainBytesMax = 255;
/** Octets of a whole path with a source route; RFC 5321 §4.5.3.1.3 asks for 256. */
const pathBytesMax = 1024;

/** RFC 5322 §3.2.3 atext, with RFC 6531 §3.3's UTF8-non-ascii. */
const dotString =
  /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+)*$/u;
/**
 * A domain of letters, digits and inner hyphens. Underscores are let through too, since names
 * with them send mail (Windows hosts): tolerance on purpose.
 */
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Reads a path in angle brackets from the start of `text`. A source route ("@a,@b:") is read and
 * ignored, as RFC 5321 §4.1.1.3 says.
 * @returns undefined when there is none.
 */
export function parsePath(text: string): ParsedPath | undefined {
  if (!text.startsWith("<")) return undefined;
  const close = closingBracket(text);
  if (close < 0 || close > pathBytesMax) return undefined;
  const inner = text.slice(1, close);
  const end = close + 1;
  if (inner === "") return { path: { kind: "null" }, end };
  if (/^postmaster$/i.test(inner)) return { path: { kind: "postmaster" }, end };
  const path = parseMailbox(withoutRoute(inner));
  return path === undefined ? undefined : { path, end };
}

/**
 * Reads `localpart@domain`, without brackets, as typed by a person or kept in a setting.
 * @returns undefined when it is not a mailbox of RFC 5321 §4.1.2 with RFC 6531 §3.3.
 */
export function parseMailbox(text: string): Extract<Path, { kind: "mailbox" }> | undefined {
  const split = endOfLocalPart(text);
  if (split < 1 || text.charAt(split) !== "@") return undefined;
  const localPart = parseLocalPart(text.slice(0, split));
  const domain = parseDomain(text.slice(split + 1));
  if (localPart === undefined || domain === undefined) return undefined;
  const needsUtf8 = !isAscii(localPart);
  return {
    kind: "mailbox",
    address: `${formatLocalPart(localPart)}@${domain}`,
    localPart,
    domain,
    needsUtf8,
    isUtf8: needsUtf8 || !isAscii(text),
  };
}

/** Lower case with A-labels, or a literal as it is. @returns undefined when it is neither. */
export function parseDomain(text: string): string | undefined {
  if (text.startsWith("[")) return parseAddressLiteral(text) === undefined ? undefined : text;
  if (text === "" || text.length > domainBytesMax) return undefined;
  const ascii = isAscii(text) ? text.toLowerCase() : domainToASCII(text);
  if (ascii === "" || ascii.length > domainBytesMax) return undefined;
  return ascii.split(".").every((part) => label.test(part)) ? ascii : undefined;
}

/** A path as it goes into MAIL or RCPT. */
export function formatPath(address: string): string {
  return `<${address}>`;
}

/** Quotes a local part only where RFC 5321 §4.1.2 needs it. */
export function formatLocalPart(localPart: string): string {
  if (dotString.test(localPart)) return localPart;
  return `"${localPart.replace(/["\\]/g, "\\$&")}"`;
}

/** Index of the ">" that ends a path begun at 0; a quoted string may contain others. */
function closingBracket(text: string): number {
  if (!text.includes('"')) return text.indexOf(">");
  let isQuoted = false;
  for (let at = 1; at < text.length && at <= pathBytesMax; at++) {
    const character = text.charAt(at);
    if (isQuoted && character === "\\") at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ">" && !isQuoted) return at;
  }
  return -1;
}

function withoutRoute(inner: string): string {
  if (!inner.startsWith("@")) return inner;
  const colon = inner.indexOf(":");
  if (colon < 0) return inner;
  const hosts = inner.slice(0, colon).split(",");
  const isRoute = hosts.every((host) => host.startsWith("@") && parseDomain(host.slice(1)));
  return isRoute ? inner.slice(colon + 1) : inner;
}

function endOfLocalPart(text: string): number {
  if (!text.startsWith('"')) return text.indexOf("@");
  for (let at = 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\") at++;
    else if (character === '"') return at + 1;
  }
  return -1;
}

/** The local part without its quotes. RFC 5321 §4.1.2 qtextSMTP and quoted-pairSMTP. */
function parseLocalPart(text: string): string | undefined {
  if (Buffer.byteLength(text) > localPartBytesMax) return undefined;
  if (!text.startsWith('"')) return dotString.test(text) ? text : undefined;
  const inner = text.slice(1, -1);
  if (!/^(?:[ !#-[\]-~\u0080-\u{10ffff}]|\\[ -~])*$/u.test(inner)) return undefined;
  return inner.replace(/\\(.)/g, "$1");
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the test is for ASCII
  return /^[\x00-\x7f]*$/.test(text);
}
