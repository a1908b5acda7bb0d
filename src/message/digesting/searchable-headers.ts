import { decodeHeaderText } from "../encoded-words.ts";
import { rawValue } from "../headers.ts";
import type { Header } from "../headers.ts";

/** Signatures and traces: long, never what a person searches for. */
const unsearched: ReadonlySet<string> = new Set([
  "received",
  "received-spf",
  "return-path",
  "dkim-signature",
  "domainkey-signature",
  "authentication-results",
  "arc-seal",
  "arc-message-signature",
  "arc-authentication-results",
  "autocrypt",
  "bimi-indicator",
  "openpgp",
  "face",
  "x-face",
  "x-google-dkim-signature",
  "x-google-smtp-source",
  "x-gm-message-state",
  "x-received",
]);
const TEXT_LENGTH_MAX = 32 * 1024;

/** The header fields as `name: value` lines, decoded, and the names of attached files. */
export function searchableHeaders(header: Header, fileNames: readonly string[]): string {
  let raw = "";
  for (const field of header.fields) {
    if (unsearched.has(field.name) || /^x-(?:ms|microsoft)-/.test(field.name)) continue;
    raw += `${field.name}: ${rawValue(header, field)}\n`;
    if (raw.length > TEXT_LENGTH_MAX) break;
  }
  return `${decodeHeaderText(raw)}${fileNames.join("\n")}`;
}
