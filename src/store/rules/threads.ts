import { hash } from "node:crypto";
import type { MessageFacts } from "../mail-changes.ts";

/** References that count: the first, and this many of the newest. */
const newestReferencesMax = 19;

/**
 * Numbers under which a message's conversation is found: one for each Message-ID that it names,
 * together with its base subject, so that a new subject starts a new conversation (RFC 8621 §3).
 * The nearest reference comes first, the message's own id last.
 */
export function threadKeys(facts: MessageFacts): readonly number[] {
  const { references, messageIdHeader, baseSubject } = facts;
  const keys: number[] = [];
  const oldest = Math.max(0, references.length - newestReferencesMax);
  for (let index = references.length - 1; index >= oldest; index--) {
    const reference = references[index];
    if (reference !== undefined) keys.push(threadKey(reference, baseSubject));
  }
  const first = references[0];
  if (oldest > 0 && first !== undefined) keys.push(threadKey(first, baseSubject));
  if (messageIdHeader !== "") keys.push(threadKey(messageIdHeader, baseSubject));
  return keys.length > 1 ? [...new Set(keys)] : keys;
}

function threadKey(id: string, baseSubject: string): number {
  return textKey(`${id}\0${baseSubject}`);
}

/**
 * 48 bits of SHA-256 of a text: short enough for an index, and cryptographic so that nobody can
 * write Message-IDs that fall on other people's.
 */
export function textKey(text: string): number {
  return hash("sha256", text, "buffer").readUIntBE(0, 6);
}
