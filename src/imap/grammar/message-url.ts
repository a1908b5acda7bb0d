import { Refusal } from "../../base/faults.ts";
import { fromLatin1, utf8 } from "../../base/bytes.ts";
import { decodeMailboxName, foldInbox } from "./mailbox-name.ts";
import { parseSection, type Section } from "./sections.ts";
import { Scanner } from "./scanner.ts";

/** Longest URL, characters. */
export const urlCharsMax = 8192;

/** A message or a part of one on this server, as a relative URL names it (RFC 5092 §7). */
export interface MessageUrl {
  /** Undefined: the selected mailbox. */
  readonly mailbox: string | undefined;
  readonly uidValidity: number | undefined;
  readonly uid: number;
  readonly section: Section;
  readonly partial: { readonly start: number; readonly count: number | undefined } | undefined;
}

const form =
  /^(?:\/([^;/]+(?:\/[^;/]+)*)(?:;uidvalidity=([1-9]\d{0,9}))?\/)?;uid=([1-9]\d{0,9})(?:\/;section=([^;]*?))?(?:\/;partial=(\d{1,15})(?:\.([1-9]\d{0,14}))?)?$/i;

/**
 * Reads a relative IMAP URL: "/Drafts;UIDVALIDITY=3/;UID=20/;SECTION=1.2". Undefined when it is
 * none, or names another server.
 */
export function parseMessageUrl(url: string): MessageUrl | undefined {
  const match = url.length > urlCharsMax ? null : form.exec(url);
  if (match === null) return undefined;
  const [, encodedName, uidValidity, uid, encodedSection, start, count] = match;
  const mailbox = encodedName === undefined ? undefined : decodeName(encodedName);
  const section = readSection(percentDecoded(encodedSection ?? ""));
  if (section === undefined || (encodedName !== undefined && mailbox === undefined)) {
    return undefined;
  }
  return {
    mailbox,
    uidValidity: uidValidity === undefined ? undefined : Number(uidValidity),
    uid: Number(uid),
    section,
    partial:
      start === undefined
        ? undefined
        : { start: Number(start), count: count === undefined ? undefined : Number(count) },
  };
}

/** RFC 5092 §6: UTF-8; modified UTF-7, which old clients put there, is read too. */
function decodeName(encoded: string): string | undefined {
  const octets = percentDecoded(encoded);
  const text = utf8(fromLatin1(octets));
  if (text.includes("\ufffd")) return undefined;
  // oxlint-disable-next-line no-control-regex -- ASCII
  if (!/^[\x00-\x7f]*$/.test(text)) return foldInbox(text.normalize("NFC"));
  try {
    return decodeMailboxName(octets, false);
  } catch (error) {
    if (error instanceof Refusal) return foldInbox(text);
    throw error;
  }
}

function readSection(spec: string): Section | undefined {
  const scanner = new Scanner(`[${spec}]`);
  try {
    const { section } = parseSection(scanner);
    scanner.end();
    return section;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** RFC 3986 §2.1, as octets. */
function percentDecoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
