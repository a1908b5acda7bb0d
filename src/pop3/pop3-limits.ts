/** Bounds of the POP3 door. */
export interface Pop3Limits {
  /** Silence after which a session ends without UPDATE. RFC 1939 §3 wants at least 10 minutes. */
  readonly idleTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  /** Errors in a row before we hang up. */
  readonly errorsMax: number;
  /** Failed logins before we hang up. */
  readonly loginErrorsMax: number;
  /** How long a login waits for another session of the maildrop to end before it is refused. */
  readonly maildropWaitMs: number;
  /** Longest command line, bytes with CRLF. RFC 2449 §4 wants at least 255. */
  readonly lineBytesMax: number;
}

export const pop3Limits: Pop3Limits = {
  idleTimeoutMs: 10 * 60_000,
  handshakeTimeoutMs: 30_000,
  errorsMax: 20,
  loginErrorsMax: 3,
  maildropWaitMs: 2_000,
  lineBytesMax: 512,
};
