import { concat, fromUtf8 } from "../base/bytes.ts";
import { formatAddress } from "./addresses.ts";
import type { Address } from "./addresses.ts";
import { formatHeaderField } from "./building/header-fields.ts";
import { attachmentEntity, bytesOf, multipartEntity, textEntity } from "./building/entities.ts";
import type { Entity } from "./building/entities.ts";
import { formatDate } from "./dates.ts";

export { formatHeaderField } from "./building/header-fields.ts";

/** A file that goes with a message. */
export interface Attachment {
  readonly fileName: string;
  /** `type/subtype`; `application/octet-stream` when absent. */
  readonly contentType?: string;
  readonly content: Uint8Array;
  /** With it the file is part of the HTML (`cid:…`) and not an attachment. Without brackets. */
  readonly contentId?: string;
}

/** What a message says; text lines may end in LF or CRLF. */
export interface MessageContent {
  readonly from: readonly Address[];
  readonly sender?: Address;
  readonly replyTo?: readonly Address[];
  readonly to?: readonly Address[];
  readonly cc?: readonly Address[];
  readonly subject?: string;
  /** Without brackets, oldest first. */
  readonly references?: readonly string[];
  readonly inReplyTo?: string;
  /** Further fields in order; values are Unicode and get folded and encoded. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly Attachment[];
}

/** What the builder may not take from the world itself. */
export interface BuildContext {
  /** Milliseconds since 1970, for Date. */
  readonly nowMs: number;
  /** Minutes east of UTC, for Date; 0 when absent. */
  readonly zoneMinutes?: number;
  /** Without brackets. */
  readonly messageId: string;
  /** At least 12 random letters and digits, for the boundaries. */
  readonly boundarySeed: string;
}

/**
 * Builds a message (RFC 5322, MIME): CRLF line ends, lines of at most 78 characters where they can
 * be folded and never above 998, header text in encoded-words, bodies in quoted-printable or base64
 * where they are not short ASCII lines, so that every transport carries them. Only addresses
 * outside ASCII need SMTPUTF8 (RFC 6532). Line ends in values are taken out: no field can be
 * injected.
 */
export function buildMessage(content: MessageContent, context: BuildContext): Uint8Array {
  const { from, sender, replyTo, to, cc, subject, references, inReplyTo } = content;
  const fields: (readonly [string, string])[] = [
    ["Date", formatDate(context.nowMs, context.zoneMinutes)],
    ["From", listOf(from)],
  ];
  if (sender !== undefined) fields.push(["Sender", formatAddress(sender)]);
  if (replyTo !== undefined && replyTo.length > 0) fields.push(["Reply-To", listOf(replyTo)]);
  if (to !== undefined && to.length > 0) fields.push(["To", listOf(to)]);
  if (cc !== undefined && cc.length > 0) fields.push(["Cc", listOf(cc)]);
  if (subject !== undefined) fields.push(["Subject", subject]);
  fields.push(["Message-ID", `<${context.messageId}>`]);
  if (inReplyTo !== undefined) fields.push(["In-Reply-To", `<${inReplyTo}>`]);
  if (references !== undefined && references.length > 0) {
    fields.push(["References", references.map((id) => `<${id}>`).join(" ")]);
  }
  fields.push(...(content.headers ?? []), ["MIME-Version", "1.0"]);
  const header = fields.map(([name, value]) => formatHeaderField(name, value)).join("");
  return concat([fromUtf8(header), bytesOf(bodyOf(content, context.boundarySeed))]);
}

function listOf(addresses: readonly Address[]): string {
  return addresses.map(formatAddress).join(", ");
}

/** mixed(related(alternative(text, html), images), files), each layer only where it is needed. */
function bodyOf(content: MessageContent, seed: string): Entity {
  const { text, html, attachments = [] } = content;
  const inline = attachments.filter((each) => each.contentId !== undefined && html !== undefined);
  const files = attachments.filter((each) => !inline.includes(each));
  let body = textEntity(text, "plain");
  if (html !== undefined) {
    const parts = [body, textEntity(html, "html")];
    body = multipartEntity("alternative", parts, `${seed}a`);
  }
  if (inline.length > 0) {
    const parts = [body, ...inline.map(attachmentEntity)];
    body = multipartEntity("related", parts, `${seed}r`);
  }
  if (files.length === 0) return body;
  return multipartEntity("mixed", [body, ...files.map(attachmentEntity)], `${seed}m`);
}
