import { formatDate } from "./dates.ts";
import { foldLine } from "./building/header-fields.ts";

/** How a message came in, for a trace field (RFC 5321 §4.4). */
export interface TraceFacts {
  /** The client's HELO name or address literal, as it said. */
  readonly helo: string;
  /** The client's IP address. */
  readonly address: string;
  /** The name that the address resolves to and back, when it was looked up and confirmed. */
  readonly hostName?: string;
  /** Name of this server. */
  readonly by: string;
  readonly protocol: TraceProtocol;
  /** Names the message's way through this server. */
  readonly id: string;
  /** The one recipient; left out when there are several, who may not learn of each other. */
  readonly recipient?: string;
  /** As `TLSv1.3 with TLS_AES_256_GCM_SHA384`. */
  readonly tls?: string;
  readonly receivedMs: number;
  readonly zoneMinutes?: number;
}

/** What decides the `with` clause (RFC 3848 §1, RFC 6531 §4.3). */
export interface TraceProtocol {
  readonly base: "smtp" | "lmtp";
  /** EHLO was used; LMTP always. */
  readonly isExtended: boolean;
  readonly isTls: boolean;
  readonly isAuthenticated: boolean;
  /** MAIL had SMTPUTF8. */
  readonly isUtf8: boolean;
}

/**
 * A Received field with its CRLF, folded. What the client chose (HELO name, recipient) is
 * reduced to what the grammar carries, so that it cannot forge a clause.
 */
export function formatReceived(facts: TraceFacts): string {
  const { helo, address, hostName, by, id, recipient, tls } = facts;
  const literal = address.includes(":") ? `[IPv6:${address}]` : `[${address}]`;
  const source = hostName === undefined ? literal : `${safe(hostName)} ${literal}`;
  const clauses = [
    `Received: from ${safe(helo) || "unknown"} (${source})`,
    ...(tls === undefined ? [] : [`(using ${tls.replace(/[^\w .+-]/g, "")})`]),
    `by ${safe(by)} with ${withProtocol(facts.protocol)} id ${safe(id)}`,
    ...(recipient === undefined || safe(recipient) !== recipient ? [] : [`for <${recipient}>`]),
  ];
  const date = formatDate(facts.receivedMs, facts.zoneMinutes);
  return `${clauses.map(foldLine).join("\r\n\t")};\r\n\t${date}\r\n`;
}

/** The `with` keyword: SMTP, ESMTP, ESMTPS, ESMTPSA, LMTPS, UTF8SMTPSA and so on. */
export function withProtocol(protocol: TraceProtocol): string {
  const { base, isExtended, isTls, isAuthenticated, isUtf8 } = protocol;
  const suffix = `${isTls ? "S" : ""}${isAuthenticated ? "A" : ""}`;
  if (isUtf8) return `UTF8${base.toUpperCase()}${suffix}`;
  if (base === "lmtp") return `LMTP${suffix}`;
  return isExtended || suffix !== "" ? `ESMTP${suffix}` : "SMTP";
}

/** A Return-Path field with its CRLF (RFC 5321 §4.4); the empty path is `<>`. */
export function formatReturnPath(reversePath: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it removes
  return `Return-Path: <${reversePath.replace(/[\x00-\x1f\x7f<>]/g, "")}>\r\n`;
}

/** Blanks, brackets, quotes, semicolons and controls could begin another clause. */
function safe(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it removes
  return text.replace(/[\x00-\x20\x7f()<>;,"\\]/g, "").slice(0, 255);
}
