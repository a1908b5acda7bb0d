import type { Header } from "./headers.ts";
import { messageLimits } from "./limits.ts";
import type { MessageLimits } from "./limits.ts";
import { writeEnvelope } from "./wire/write-envelope.ts";

/**
 * The ENVELOPE of a header as IMAP sends it (RFC 9051 §7.5.2), one character per byte:
 * `(date subject from sender reply-to to cc bcc in-reply-to message-id)`. Values are unfolded, not
 * decoded. A field that is absent is NIL, one that is empty is `""`; sender and reply-to that are
 * absent or empty are as from. Address fields that stand twice are joined, of others the first
 * counts. Strings with 8-bit bytes are literals.
 */
export function formatEnvelope(header: Header, limits: MessageLimits = messageLimits): string {
  return writeEnvelope(header, limits).text;
}
