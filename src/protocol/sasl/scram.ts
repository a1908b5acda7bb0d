import { timingSafeEqual } from "node:crypto";
import { Refusal } from "../../base/faults.ts";

/** RFC 9266 §2: the only kind of channel binding that we offer. */
export const channelBindingName = "tls-exporter";

export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, at) => byte ^ (b[at] ?? 0));
}

/** Comparison whose time says nothing about where the difference is. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * RFC 5802 §7: comma-separated attributes "k=value", in order. Values of the first keys are
 * returned; whatever follows must be optional extensions, which are ignored as §5.1 says.
 * @throws Refusal `syntax` when one of `keys` is not where it must be, or `m=` is.
 */
export function parseAttributes(message: string, keys: string): string[] {
  const parts = message.split(",");
  const values = [...keys].map((key, at) => {
    const part = parts[at] ?? "";
    if (!part.startsWith(`${key}=`) || part.length < 3) throw malformed();
    return part.slice(2);
  });
  if (!parts.slice(keys.length).every((part) => /^[A-Za-ln-z]=./.test(part))) throw malformed();
  return values;
}

/** RFC 5802 §5.1: printable ASCII without the comma. */
export function isNonce(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(text);
}

/** A name with "=2C" and "=3D" as "," and "=". @throws Refusal `syntax` for any other "=". */
export function decodeName(encoded: string): string {
  if (/=(?!2C|3D)/.test(encoded)) throw malformed();
  return encoded.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

export function encodeName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

export function malformed(): Refusal {
  return new Refusal("syntax", "SCRAM message malformed.");
}
