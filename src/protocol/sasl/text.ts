import { Refusal } from "../../base/faults.ts";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A client's words as text. @throws Refusal `syntax` when they are not UTF-8 or hold NUL. */
export function parseSaslText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = strictUtf8.decode(bytes);
  } catch {
    throw new Refusal("syntax", "Response is not UTF-8.");
  }
  if (text.includes("\0")) throw new Refusal("syntax", "Response holds NUL.");
  return text;
}
