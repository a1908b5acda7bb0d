import { decodeEncodedWords, decodeHeaderText, encodeWords } from "./encoded-words.ts";
import { parseRawAddresses } from "./grammar/address-list.ts";
import { messageLimits } from "./limits.ts";
import { latin1 } from "../base/bytes.ts";

/** One mailbox of an address list. */
export interface MailboxAddress {
  readonly kind: "mailbox";
  /** Display name, or the comment that old senders put in its place; empty when there is none. */
  readonly name: string;
  /** Local part without quotes; empty when it is missing. */
  readonly local: string;
  /** Domain as written, in any case and form; empty when it is missing. */
  readonly domain: string;
}

/** A named group (RFC 5322 §3.4). */
export interface AddressGroup {
  readonly kind: "group";
  readonly name: string;
  readonly members: readonly MailboxAddress[];
}

export type Address = MailboxAddress | AddressGroup;

/**
 * Reads an address list (RFC 5322 §3.4 with the obsolete forms of §4.4, UTF-8 of RFC 6532 §3.2). Bytes,
 * or text that was decoded already. Names are decoded (RFC 2047). Never fails: a word without `@`
 * becomes a mailbox without domain. Linear, at most `addressesMax` addresses.
 */
export function parseAddressList(
  input: Uint8Array | string,
  addressesMax: number = messageLimits.addressesMax,
): Address[] {
  const raw = typeof input === "string" ? input : latin1(input);
  return decodeAddresses(parseRawAddresses(raw, addressesMax).addresses, typeof input !== "string");
}

/** The mailboxes of a list, those inside groups too. */
export function flattenAddresses(addresses: readonly Address[]): MailboxAddress[] {
  return addresses.flatMap((address) => (address.kind === "group" ? address.members : [address]));
}

/** Decodes the names of raw addresses, and 8-bit text given one character per byte. */
export function decodeAddresses(addresses: readonly Address[], isBytes = true): Address[] {
  const text = (raw: string) => (isBytes || raw.includes("=?") ? decodeText(raw, isBytes) : raw);
  const mailbox = (each: MailboxAddress): MailboxAddress => ({
    kind: "mailbox",
    name: text(each.name),
    local: isBytes ? decodeHeaderText(each.local) : each.local,
    domain: isBytes ? decodeHeaderText(each.domain) : each.domain,
  });
  return addresses.map((address) =>
    address.kind === "mailbox"
      ? mailbox(address)
      : { kind: "group", name: text(address.name), members: address.members.map(mailbox) },
  );
}

function decodeText(raw: string, isBytes: boolean): string {
  return isBytes ? decodeHeaderText(raw) : decodeEncodedWords(raw);
}

/**
 * An address as header text: the name as atoms, quoted string or encoded-words. A local part or
 * domain outside ASCII stays UTF-8 (RFC 6532): whoever sends it needs SMTPUTF8.
 */
export function formatAddress(address: Address): string {
  if (address.kind === "group") {
    const members = address.members.map(formatAddress).join(", ");
    return `${formatPhrase(address.name)}:${members === "" ? "" : ` ${members}`};`;
  }
  const spec = formatAddressSpec(address);
  return address.name === "" ? spec : `${formatPhrase(address.name)} <${spec}>`;
}

/** `local@domain`, the local part quoted where it must be (RFC 5322 §3.4.1). */
export function formatAddressSpec(address: Pick<MailboxAddress, "local" | "domain">): string {
  const { local, domain } = address;
  const isDotAtom = /^[^\s.()<>[\]:;@\\,"]+(?:\.[^\s.()<>[\]:;@\\,"]+)*$/.test(local);
  const quoted = isDotAtom ? local : `"${clean(local).replace(/["\\]/g, "\\$&")}"`;
  return domain === "" ? quoted : `${quoted}@${clean(domain)}`;
}

function formatPhrase(name: string): string {
  const text = clean(name);
  if (/^[\w!#$%&'*+\-/=?^`{|}~ ]+$/.test(text) && !text.includes("=?")) return text;
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes("=?")) {
    return `"${text.replace(/["\\]/g, "\\$&")}"`;
  }
  return encodeWords(text);
}

/** Line ends and controls in a name would be header injection. */
function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it removes
  return text.replace(/[\x00-\x1f\x7f]+/g, " ").trim();
}
