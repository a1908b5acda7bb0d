/** Bounds of an IMAP session. Bytes, milliseconds and counts; each is enforced. */
export interface ImapLimits {
  /** All lines of one command together; RFC 9051 §4.3 leaves it to us, RFC 7162 §4 asks for 8192. */
  readonly commandBytesMax: number;
  /** The same before login. */
  readonly commandBytesMaxBeforeLogin: number;
  /** One literal of a command other than APPEND. */
  readonly literalBytesMax: number;
  readonly literalBytesMaxBeforeLogin: number;
  /** One message (APPENDLIMIT, RFC 7889). */
  readonly appendBytesMax: number;
  /** A refused literal that the client sends without asking is read and dropped up to this. */
  readonly swallowBytesMax: number;
  readonly swallowBytesMaxBeforeLogin: number;
  /** Errors before the connection is closed. */
  readonly errorsMax: number;
  /** Silence before login. */
  readonly loginTimeoutMs: number;
  /** Silence after login, IDLE included; RFC 9051 §5.4: at least 30 minutes. */
  readonly idleTimeoutMs: number;
  /** Silence inside a literal. */
  readonly literalTimeoutMs: number;
  /** Least speed of a literal after login, beyond that silence, bytes per second. */
  readonly literalBytesPerSecondMin: number;
  readonly tlsTimeoutMs: number;
  /** Bytes of one message that a FETCH may have to hold before it can answer: decoded parts. */
  readonly heldBytesPerMessageMax: number;
  /** Between two words of how far a command has come (RFC 9585). */
  readonly progressMs: number;
  /** Sessions of one account at the same time. */
  readonly sessionsPerAccountMax: number;
}

export const defaultImapLimits: ImapLimits = {
  commandBytesMax: 64 * 1024,
  commandBytesMaxBeforeLogin: 8 * 1024,
  literalBytesMax: 64 * 1024,
  literalBytesMaxBeforeLogin: 4 * 1024,
  appendBytesMax: 64 * 1024 * 1024,
  swallowBytesMax: 128 * 1024 * 1024,
  swallowBytesMaxBeforeLogin: 64 * 1024,
  errorsMax: 30,
  loginTimeoutMs: 60_000,
  idleTimeoutMs: 31 * 60_000,
  literalTimeoutMs: 5 * 60_000,
  literalBytesPerSecondMin: 2048,
  tlsTimeoutMs: 30_000,
  heldBytesPerMessageMax: 64 * 1024 * 1024,
  progressMs: 10_000,
  sessionsPerAccountMax: 1000,
};
