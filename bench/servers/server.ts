/** A mail server under load: where it listens and what it has used. */
export interface BenchServer {
  readonly name: string;
  readonly ports: {
    readonly smtp: number;
    readonly imap: number;
    readonly imaps: number;
    readonly pop3: number;
  };
  readonly user: string;
  readonly password: string;
  /** An address whose mail is delivered to that user's INBOX. */
  readonly recipient: string;
  /** CPU seconds of all its processes, ended ones included. */
  cpuSeconds(): number;
  /** Resident memory of all its processes, bytes (shared pages counted in each). */
  residentBytes(): number;
  /** Resolves when INBOX has `count` messages. */
  waitForMessages(count: number): Promise<void>;
  stop(): Promise<void>;
}
