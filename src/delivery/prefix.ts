import { concat, fromUtf8 } from "../base/bytes.ts";
import { formatReceived, formatReturnPath } from "../message/received.ts";
import type { Submission } from "./delivery.ts";

/** The header fields that we put in front of a message (RFC 5321 §4.4), as bytes. */
export interface Prefixes {
  /** For whoever passes it on: Received alone. */
  readonly received: Uint8Array;
  /** The same when an address here forwards it: with Delivered-To, so that it is known again. */
  forForwarding(address: string | undefined): Uint8Array;
  /**
   * For a mailbox: Return-Path, Delivered-To (for catching loops), what was found about the sender
   * (Authentication-Results, RFC 8601 §4.1), Received.
   */
  forMailbox(address: string): Uint8Array;
}

/** `senderFields` are whole fields with CRLF. */
export function prefixesOf(
  submission: Submission,
  hostName: string,
  nowMs: number,
  senderFields = "",
): Prefixes {
  const { connection, recipients, sender, journey } = submission;
  const only = recipients.length === 1 ? recipients[0]?.address : undefined;
  const text = formatReceived({
    helo: connection.helo,
    address: connection.remoteAddress,
    by: hostName,
    protocol: connection.protocol,
    id: journey,
    receivedMs: nowMs,
    ...(only === undefined ? {} : { recipient: only }),
    ...(connection.tls === "" ? {} : { tls: connection.tls }),
  });
  const received = fromUtf8(text);
  const returnPath = formatReturnPath(sender);
  return {
    received,
    forForwarding: (address) =>
      address === undefined ? received : concat([fromUtf8(deliveredTo(address)), received]),
    forMailbox: (address) =>
      concat([fromUtf8(`${returnPath}${deliveredTo(address)}${senderFields}`), received]),
  };
}

/** Not in any RFC, and read by everybody who looks for loops. */
export function deliveredTo(address: string): string {
  return `Delivered-To: ${address}\r\n`;
}
