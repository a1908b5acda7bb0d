import { xclientNames, xforwardNames } from "../grammar/attributes.ts";
import { saslMechanisms } from "./sasl-policy.ts";
import type { SmtpSession } from "./session.ts";

/**
 * The extension lines of EHLO and LHLO: the capability words of all rows of this door, each with
 * its parameters, without those that cannot be used now.
 */
export function ehloLines(session: SmtpSession): readonly string[] {
  const words = new Set<string>();
  for (const row of session.services.rows.values()) {
    for (const word of row.capabilities) words.add(word);
  }
  const lines: string[] = [];
  for (const word of words) {
    const line = lineOf(word, session);
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

function lineOf(word: string, session: SmtpSession): string | undefined {
  const { limits, tls } = session.services;
  switch (word) {
    case "SIZE":
      return `SIZE ${limits.messageBytesMax}`;
    case "LIMITS":
      return `LIMITS RCPTMAX=${limits.recipientsMax}`;
    case "STARTTLS":
      return tls === undefined || session.wire.connection.tls !== undefined ? undefined : word;
    case "VRFY":
    case "EXPN":
      return session.mayVerify ? word : undefined;
    case "XCLIENT":
      return session.maySpeakForOthers ? `XCLIENT ${xclientNames.join(" ")}` : undefined;
    case "XFORWARD":
      return session.maySpeakForOthers ? `XFORWARD ${xforwardNames.join(" ")}` : undefined;
    case "REQUIRETLS":
      // RFC 8689 §2: announced over TLS only.
      return session.wire.connection.tls === undefined ? undefined : word;
    case "AUTH": {
      const mechanisms = saslMechanisms(session);
      return mechanisms.length === 0 ? undefined : `AUTH ${mechanisms.join(" ")}`;
    }
    default:
      return word;
  }
}
