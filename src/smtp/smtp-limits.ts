/** Every bound of an SMTP or LMTP session; configuration may replace each. */
export interface SmtpLimits {
  /** Command line with CRLF, bytes. RFC 5321 §4.5.3.1.4: 512, more with extensions' parameters. */
  readonly lineBytesMax: number;
  /** Message as sent, bytes after dots are taken off. Announced as SIZE (RFC 1870). */
  readonly messageBytesMax: number;
  /** Bytes of a message that is refused already which are read to find its end, then we hang up. */
  readonly drainBytesMax: number;
  /** Recipients of one message. RFC 5321 §4.5.3.1.8: at least 100. Announced (RFC 9422). */
  readonly recipientsMax: number;
  /** Recipients refused in one connection before we hang up: address harvesting. */
  readonly recipientErrorsMax: number;
  /** Other errors in a row before we hang up. */
  readonly errorsMax: number;
  /** Failed logins in one connection before we hang up. */
  readonly loginErrorsMax: number;
  /** Errors since the last good message that cost nothing; each later one makes answers wait. */
  readonly freeErrors: number;
  /** What each error beyond the free ones adds to the wait, milliseconds; ten times at most. */
  readonly errorPauseMs: number;
  /** Wait before the greeting in which a client that talks first is noted. 0 does not wait. */
  readonly greetingPauseMs: number;
  /** RFC 5321 §4.5.3.2.7: silence before a command, milliseconds; 5 minutes at least. */
  readonly commandTimeoutMs: number;
  /** RFC 5321 §4.5.3.2.5: silence within a message, milliseconds; 3 minutes at least. */
  readonly dataTimeoutMs: number;
  /** A message must be here in this time however steadily it drips, milliseconds. */
  readonly messageTimeoutMs: number;
  /** TLS handshake, milliseconds. */
  readonly handshakeTimeoutMs: number;
}

export const smtpLimits: SmtpLimits = {
  lineBytesMax: 2048,
  messageBytesMax: 50 * 1024 * 1024,
  drainBytesMax: 64 * 1024 * 1024,
  recipientsMax: 1000,
  recipientErrorsMax: 50,
  errorsMax: 20,
  loginErrorsMax: 3,
  freeErrors: 3,
  errorPauseMs: 500,
  greetingPauseMs: 0,
  commandTimeoutMs: 5 * 60_000,
  dataTimeoutMs: 3 * 60_000,
  messageTimeoutMs: 60 * 60_000,
  handshakeTimeoutMs: 60_000,
};
