import { encodeExtended } from "./parameters.ts";
import type { Parameter } from "./parameters.ts";
import type { Disposition, MessagePart, MessageStructure } from "./structure.ts";
import { imapNString, imapString } from "./wire/imap-strings.ts";

/**
 * BODYSTRUCTURE (`isExtended`) or BODY as IMAP sends it (RFC 9051 §7.5.2), one character per byte.
 * Parameter values outside ASCII are sent as `name*` in the form of RFC 2231 §4, continuations
 * joined (§6). A text part without charset is said to be US-ASCII (RFC 2045 §5.2).
 */
export function formatBodyStructure(structure: MessageStructure, isExtended: boolean): string {
  return formatPart(structure.root, isExtended);
}

function formatPart(part: MessagePart, isExtended: boolean): string {
  if (part.parts !== undefined) return formatMultipart(part, part.parts, isExtended);
  const size = part.bodyEnd - part.bodyStart;
  const isOpaqueMessage = isMessage(part) && part.message === undefined;
  // A message that could not be read has no envelope to show: it goes as bytes.
  const [type, subtype] = isOpaqueMessage
    ? ["application", "octet-stream"]
    : [part.type, part.subtype];
  let text = `(${imapString(type)} ${imapString(subtype)} ${formatParameters(
    parametersOf(part),
  )} ${imapNString(part.id)} ${imapNString(part.description)} ${imapString(part.encoding)} ${size}`;
  if (part.message !== undefined) {
    const { envelope, root } = part.message;
    text += ` ${envelope} ${formatPart(root, isExtended)} ${part.lines ?? 0}`;
  } else if (part.type === "text") text += ` ${part.lines ?? 0}`;
  if (isExtended) text += ` ${imapNString(part.md5)}${formatExtension(part)}`;
  return `${text})`;
}

function isMessage({ type, subtype }: MessagePart): boolean {
  return type === "message" && (subtype === "rfc822" || subtype === "global");
}

function formatMultipart(
  part: MessagePart,
  parts: readonly MessagePart[],
  isExtended: boolean,
): string {
  let text = "(";
  for (const child of parts) text += formatPart(child, isExtended);
  text += ` ${imapString(part.subtype)}`;
  if (isExtended) text += ` ${formatParameters(part.params)}${formatExtension(part)}`;
  return `${text})`;
}

function formatExtension(part: MessagePart): string {
  const { disposition, language, location } = part;
  return ` ${formatDisposition(disposition)} ${formatLanguage(language)} ${imapNString(location)}`;
}

function formatDisposition(disposition: Disposition | undefined): string {
  if (disposition === undefined) return "NIL";
  return `(${imapString(disposition.type)} ${formatParameters(disposition.params)})`;
}

function formatLanguage(language: readonly string[] | undefined): string {
  if (language === undefined || language.length === 0) return "NIL";
  return language.length === 1
    ? imapString(language[0] ?? "")
    : `(${language.map(imapString).join(" ")})`;
}

function parametersOf(part: MessagePart): readonly Parameter[] {
  if (part.type !== "text" || part.params.some(([name]) => name === "charset")) return part.params;
  return [...part.params, ["charset", "us-ascii"]];
}

function formatParameters(params: readonly Parameter[]): string {
  if (params.length === 0) return "NIL";
  let text = "";
  for (const [name, value] of params) {
    text += text === "" ? "(" : " ";
    // oxlint-disable-next-line no-control-regex -- ASCII but what a quoted string cannot carry
    const isPlain = /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/.test(value);
    text += isPlain
      ? `${imapString(name)} ${imapString(value)}`
      : `${imapString(`${name}*`)} ${imapString(`utf-8''${encodeExtended(value)}`)}`;
  }
  return `${text})`;
}
