import { concat, fromUtf8 } from "../base/bytes.ts";
import { formatReceived, formatReturnPath } from "../message/received.ts";
import type { Submission } from "./delivery.ts";

/** The header fields that we put in front of a message (RFC 5321 §4.4), as bytes. */
export interface Prefixes {
  /** Received alone. */
  readonly received: Uint8Array;
  /**
   * For whoever passes it on: signatures over the message, Received. When an address here forwards
   * it, Delivered-To is in front, so that it is known again.
   */
  forQueue(address: string | undefined): Uint8Array;
  /**
   * For a mailbox: Return-Path, Delivered-To (for catching loops), what was found about the sender
   * (Authentication-Results, RFC 8601 §4.1), Received.
   */
  forMailbox(address: string): Uint8Array;
}

/** Whole fields with CRLF: what was found about the sender, and what we sign with. */
export interface AddedFields {
  readonly found?: string | undefined;
  readonly signatures?: string | undefined;
}

export function prefixesOf(
  submission: Submission,
  hostName: string,
  nowMs: number,
  { found = "", signatures = "" }: AddedFields = {},
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
    forQueue(forwardedBy) {
      const place = forwardedBy === undefined ? "" : deliveredTo(forwardedBy);
      return concat([fromUtf8(`${place}${signatures}`), received]);
    },
    forMailbox: (address) =>
      concat([fromUtf8(`${returnPath}${deliveredTo(address)}${found}`), received]),
  };
}

/** Not in any RFC, and read by everybody who looks for loops. */
export function deliveredTo(address: string): string {
  return `Delivered-To: ${address}\r\n`;
}
