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
  /** From the command until all of its ports accept, milliseconds. */
  readonly startedInMs: number;
  /** CPU seconds of all its processes, ended ones included. */
  cpuSeconds(): number;
  /** Resident memory of all its processes, bytes; shared pages are divided among those that share them. */
  residentBytes(): number;
  /** Resolves when INBOX has `count` messages. */
  waitForMessages(count: number): Promise<void>;
  /** Ends and starts it again on the same data, where its processes live longer than a session. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}
