import { asBuffer } from "../base/bytes.ts";
import { decodeAddresses, flattenAddresses, formatAddressSpec } from "./addresses.ts";
import type { Address, MailboxAddress } from "./addresses.ts";
import { findBaseSubject } from "./base-subject.ts";
import { formatBodyStructure } from "./body-structure.ts";
import { parseDate } from "./dates.ts";
import { collectBody } from "./digesting/collect-body.ts";
import { previewOf } from "./digesting/preview.ts";
import { searchableHeaders } from "./digesting/searchable-headers.ts";
import { decodeHeaderText } from "./encoded-words.ts";
import { foldText } from "./fold.ts";
import { findRawValue } from "./headers.ts";
import { messageLimits } from "./limits.ts";
import { parseMessageIds } from "./message-ids.ts";
import { scanMessage } from "./scan/scan-message.ts";
import type { MessageStructure } from "./structure.ts";
import { writeEnvelope } from "./wire/write-envelope.ts";

/** All that is computed once, at delivery, so that no door parses the message again. */
export interface MessageDigest {
  readonly structure: MessageStructure;
  /** ENVELOPE, BODYSTRUCTURE and BODY as IMAP sends them, one character per byte. */
  readonly envelope: string;
  readonly bodyStructure: string;
  readonly body: string;
  /** Plain text, at most 256 UTF-16 units (RFC 8970 §3.1); empty when there is no text. */
  readonly preview: string;
  /** Without angle brackets. */
  readonly messageId: string | undefined;
  /** Of References, then In-Reply-To: oldest first, without brackets, at most 100. */
  readonly references: readonly string[];
  /** RFC 5256 §2.1; not folded. */
  readonly baseSubject: string;
  readonly isReplyOrForward: boolean;
  /** Date field in milliseconds since 1970; undefined when absent or no date. */
  readonly dateMs: number | undefined;
  /** Decoded for people: `Name <local@domain>, …`. */
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly bcc: string;
  /** Folded (fold.ts) keys for SORT: RFC 5256 §3 mailbox names, RFC 5957 display names. */
  readonly sort: SortKeys;
  readonly searchText: SearchText;
  readonly hasAttachment: boolean;
  /** File names of all parts that have one. */
  readonly fileNames: readonly string[];
}

export interface SortKeys {
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly displayFrom: string;
  readonly displayTo: string;
  readonly subject: string;
}

/** Folded text to search in with a folded query, by substring. */
export interface SearchText {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly bcc: string;
  /** All header fields but signatures and traces, as `name: value`, and file names. */
  readonly headers: string;
  /** All text parts, embedded messages included, up to a limit. */
  readonly body: string;
  /** The limit was met: a search that must be exact has to read the message. */
  readonly isTruncated: boolean;
}

const ADDRESS_TEXT_MAX = 100;

/**
 * Digests a message at delivery: one structure scan, one look at each header field, one decoding of
 * each text part. About 40 µs for 4 KiB. Never fails, whatever the bytes.
 */
export function digestMessage(bytes: Uint8Array): MessageDigest {
  const buffer = asBuffer(bytes);
  const limits = messageLimits;
  const { structure, header } = scanMessage(buffer, limits);
  const { text: envelope, fields } = writeEnvelope(header, limits);
  const from = describeAddresses(fields.from);
  const to = describeAddresses(fields.to);
  const cc = describeAddresses(fields.cc);
  const bcc = describeAddresses(fields.bcc);
  const subject = decodeHeaderText(fields.subject ?? "");
  const base = findBaseSubject(subject);
  const collected = collectBody(buffer, structure);
  const headers = searchableHeaders(header, collected.fileNames);
  const dateMs = fields.date === undefined ? undefined : parseDate(fields.date)?.ms;
  return {
    structure,
    envelope,
    bodyStructure: formatBodyStructure(structure, true),
    body: formatBodyStructure(structure, false),
    preview: previewOf(collected),
    messageId: parseMessageIds(fields.messageId ?? "", 1)[0],
    references: referencesOf(findRawValue(header, "references") ?? "", fields.inReplyTo ?? ""),
    baseSubject: base.text,
    isReplyOrForward: base.isReplyOrForward,
    dateMs,
    subject,
    from: from.text,
    to: to.text,
    cc: cc.text,
    bcc: bcc.text,
    sort: {
      from: from.mailboxKey,
      to: to.mailboxKey,
      cc: cc.mailboxKey,
      displayFrom: from.displayKey,
      displayTo: to.displayKey,
      subject: foldText(base.text),
    },
    searchText: {
      subject: foldText(subject),
      from: foldText(from.text),
      to: foldText(to.text),
      cc: foldText(cc.text),
      bcc: foldText(bcc.text),
      headers: foldText(headers),
      body: foldText(collected.text),
      isTruncated: collected.isTruncated || structure.isTruncated,
    },
    hasAttachment: collected.hasAttachment,
    fileNames: collected.fileNames,
  };
}

function referencesOf(references: string, inReplyTo: string): string[] {
  const ids = parseMessageIds(references);
  for (const id of parseMessageIds(inReplyTo, 10)) if (!ids.includes(id)) ids.push(id);
  return ids;
}

interface DescribedAddresses {
  readonly text: string;
  readonly mailboxKey: string;
  readonly displayKey: string;
}

function describeAddresses(raw: readonly Address[] | undefined): DescribedAddresses {
  if (raw === undefined) return { text: "", mailboxKey: "", displayKey: "" };
  const addresses = decodeAddresses(raw);
  const mailboxes = flattenAddresses(addresses);
  const [first] = mailboxes;
  const texts = addresses.slice(0, ADDRESS_TEXT_MAX).map((address) => {
    if (address.kind === "mailbox") return describe(address);
    const members = address.members.slice(0, ADDRESS_TEXT_MAX).map(describe);
    return `${address.name}: ${members.join(", ")};`;
  });
  return {
    text: texts.join(", "),
    mailboxKey: foldText(first?.local ?? ""),
    displayKey: first === undefined ? "" : foldText(first.name || formatAddressSpec(first)),
  };
}

function describe(address: MailboxAddress): string {
  const spec = formatAddressSpec(address);
  return address.name === "" ? spec : `${address.name} <${spec}>`;
}
