/** Bounds of a session as a client. Waits are milliseconds. */
export interface ClientLimits {
  /** For the TCP connection. RFC 5321 names none; longer than a few lost SYNs is hopeless. */
  readonly connectTimeoutMs: number;
  /** RFC 5321 §4.5.3.2.1: for the greeting, at least 5 minutes. */
  readonly greetingTimeoutMs: number;
  /** For EHLO, HELO, RSET, STARTTLS and AUTH: as long as for MAIL. */
  readonly commandTimeoutMs: number;
  /** RFC 5321 §4.5.3.2.2: at least 5 minutes. */
  readonly mailTimeoutMs: number;
  /** RFC 5321 §4.5.3.2.3: at least 5 minutes. */
  readonly rcptTimeoutMs: number;
  /** RFC 5321 §4.5.3.2.4: for the 354, at least 2 minutes. */
  readonly dataTimeoutMs: number;
  /** RFC 5321 §4.5.3.2.6: for the answer to the final dot, at least 10 minutes. */
  readonly finalDotTimeoutMs: number;
  /** For the TLS handshake. */
  readonly tlsTimeoutMs: number;
  /** For the answer to QUIT, after which we hang up anyhow. */
  readonly quitTimeoutMs: number;
  /** RFC 5321 §4.5.3.1.5 allows 512 bytes; real servers pass it. */
  readonly replyLineBytesMax: number;
  readonly replyLinesMax: number;
  /** RFC 5321 §4.5.3.1.8: every server takes at least 100 in one transaction. */
  readonly recipientsPerTransactionMax: number;
  /** Addresses tried for one attempt. */
  readonly targetsMax: number;
  /** Exchanges of one MX answer that are looked at. */
  readonly exchangesMax: number;
  readonly messagesPerConnectionMax: number;
  /** Longest message that is held whole to be rewritten for a server without 8BITMIME, bytes. */
  readonly rewriteBytesMax: number;
  /** An open connection that has nothing to do is closed after this. */
  readonly idleTimeoutMs: number;
  readonly idleConnectionsMax: number;
  /** How long a host whose TLS failed is spoken to in plain text (opportunistic TLS only). */
  readonly plainAfterTlsFailureMs: number;
  /** How long a host that could not be reached is tried after all others. */
  readonly lastAfterSilenceMs: number;
}

export const defaultClientLimits: ClientLimits = {
  connectTimeoutMs: 30_000,
  greetingTimeoutMs: 5 * 60_000,
  commandTimeoutMs: 5 * 60_000,
  mailTimeoutMs: 5 * 60_000,
  rcptTimeoutMs: 5 * 60_000,
  dataTimeoutMs: 2 * 60_000,
  finalDotTimeoutMs: 10 * 60_000,
  tlsTimeoutMs: 60_000,
  quitTimeoutMs: 5_000,
  replyLineBytesMax: 2048,
  replyLinesMax: 128,
  recipientsPerTransactionMax: 100,
  targetsMax: 8,
  exchangesMax: 10,
  messagesPerConnectionMax: 100,
  rewriteBytesMax: 32 * 1024 * 1024,
  idleTimeoutMs: 10_000,
  idleConnectionsMax: 100,
  plainAfterTlsFailureMs: 24 * 3_600_000,
  lastAfterSilenceMs: 5 * 60_000,
};
