import { fromLatin1, latin1, fromUtf8, utf8 } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import { decodeOctets, type Scanner } from "./scanner.ts";

/** Longest mailbox name on the wire, bytes. */
export const nameBytesMax = 4096;

/**
 * A mailbox argument as a name of the store: Unicode NFC, "/" between levels. With UTF-8 enabled
 * it comes as UTF-8 (RFC 9051 §5.1), else as modified UTF-7 (RFC 3501 §5.1.3).
 * @throws Refusal `mailboxNameInvalid`.
 */
export function parseMailboxName(scanner: Scanner): string {
  return decodeMailboxName(scanner.astring("a mailbox name"), scanner.isUtf8);
}

/** Octets as they came on the wire to a name of the store. */
export function decodeMailboxName(octets: string, isUtf8: boolean): string {
  if (octets.length > nameBytesMax) throw new Refusal("mailboxNameInvalid", "Name too long.");
  const name = isUtf8 ? decodeStrictUtf8(octets) : decodeModifiedUtf7(octets);
  return foldInbox(name.normalize("NFC"));
}

/** Spells INBOX in capitals, alone or as the first level (RFC 9051 §5.1). */
export function foldInbox(name: string): string {
  return /^inbox(?=$|\/)/i.test(name) ? `INBOX${name.slice(5)}` : name;
}

/** A name of the store as octets for the wire, not yet quoted. */
export function encodeMailboxName(name: string, isUtf8: boolean): string {
  return isUtf8 ? latin1(fromUtf8(name)) : encodeModifiedUtf7(name);
}

function decodeStrictUtf8(octets: string): string {
  const text = decodeOctets(octets);
  if (text.includes("\ufffd")) throw new Refusal("mailboxNameInvalid", "The name is not UTF-8.");
  return text;
}

/**
 * RFC 3501 §5.1.3. Clients that write UTF-8 although it was not enabled are understood, since no
 * modified UTF-7 has bytes above 0x7F.
 */
export function decodeModifiedUtf7(octets: string): string {
  if (!octets.includes("&")) return decodeStrictUtf8(octets);
  let name = "";
  let at = 0;
  while (at < octets.length) {
    const shift = octets.indexOf("&", at);
    if (shift < 0) return name + decodeStrictUtf8(octets.slice(at));
    name += decodeStrictUtf8(octets.slice(at, shift));
    const end = octets.indexOf("-", shift);
    if (end < 0) throw badUtf7();
    name += end === shift + 1 ? "&" : decodeShifted(octets.slice(shift + 1, end));
    at = end + 1;
  }
  return name;
}

function badUtf7(): Refusal {
  return new Refusal("mailboxNameInvalid", "The name is not modified UTF-7.");
}

function decodeShifted(base64: string): string {
  if (!/^[A-Za-z0-9+,]+$/.test(base64)) throw badUtf7();
  const bytes = Buffer.from(base64.replaceAll(",", "/"), "base64");
  if (bytes.length < 2 || bytes.length % 2 !== 0) throw badUtf7();
  const text = bytes.swap16().toString("utf16le");
  // One name has one spelling: what could be written plainly must be.
  if (/[\x20-\x7e]/.test(text) || !text.isWellFormed()) throw badUtf7();
  if (encodeShifted(text) !== base64) throw badUtf7();
  return text;
}

export function encodeModifiedUtf7(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (run) =>
    run === "&" ? "&-" : `&${encodeShifted(run)}-`,
  );
}

function encodeShifted(text: string): string {
  const base64 = Buffer.from(text, "utf16le").swap16().toString("base64");
  return base64.replace(/=+$/, "").replaceAll("/", ",");
}

/** Whether octets are UTF-8 as it must be written. */
export function isUtf8(octets: string): boolean {
  return !utf8(fromLatin1(octets)).includes("\ufffd");
}
