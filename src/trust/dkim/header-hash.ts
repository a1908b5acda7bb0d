import { fromLatin1 } from "../../base/bytes.ts";
import type { HeaderField } from "../../message/headers.ts";
import type { MessageView } from "../message-view.ts";
import type { Canonicalization } from "./body-hash.ts";

/**
 * A field in canonical form without the line end behind it. `text` is the whole field, one
 * character per byte (RFC 6376 §3.4.1, §3.4.2).
 */
export function canonicalField(text: string, canonicalization: Canonicalization): string {
  if (canonicalization === "simple") return text.replace(/\r?\n$/, "");
  const colon = text.indexOf(":");
  const name = text.slice(0, colon).trimEnd().toLowerCase();
  const value = text
    .slice(colon + 1)
    .replace(/\r?\n/g, "")
    .replace(/[ \t]+/g, " ");
  const from = value.startsWith(" ") ? 1 : 0;
  const end = value.length > from && value.endsWith(" ") ? value.length - 1 : value.length;
  return `${name}:${value.slice(from, end)}`;
}

/**
 * The fields that a list of names picks: of several with one name the last first, and nothing for
 * a name once more than there are fields (RFC 6376 §5.4.2).
 */
export function pickFields(view: MessageView, names: readonly string[]): readonly HeaderField[] {
  const taken = new Map<string, number>();
  const picked: HeaderField[] = [];
  for (const name of names) {
    const count = taken.get(name) ?? 0;
    const field = view.fieldsNamed(name).at(-1 - count);
    if (field === undefined) continue;
    taken.set(name, count + 1);
    picked.push(field);
  }
  return picked;
}

/** What a signature signs: the picked fields, then the signature's own with an empty `b=`. */
export function signedBytes(
  view: MessageView,
  names: readonly string[],
  signatureText: string,
  canonicalization: Canonicalization,
): Uint8Array {
  const fields = pickFields(view, names).map(
    (field) => `${canonicalField(view.fieldText(field), canonicalization)}\r\n`,
  );
  const own = canonicalField(withoutSignature(signatureText), canonicalization);
  return fromLatin1(fields.join("") + own);
}

/** The field with the value of its tag `b` taken out, white space around it too (§3.5). */
export function withoutSignature(text: string): string {
  const start = text.indexOf(":") + 1;
  const bare = text.replace(/\r?\n$/, "");
  const value = bare.slice(start).replace(/(^|;)([ \t\r\n]*b[ \t\r\n]*=)[^;]*/, "$1$2");
  return bare.slice(0, start) + value;
}
