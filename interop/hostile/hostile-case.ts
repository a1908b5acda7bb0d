import type { Person, ServerProcess } from "../server-process.ts";
import { Talk } from "../talk.ts";
import type { TalkOptions } from "../talk.ts";

/** What an attack is given. */
export interface Target {
  readonly server: ServerProcess;
  readonly ana: Person;
  /** Connects to a listener, with TLS where the listener begins with it. Reads nothing. */
  connect(protocol: string, options?: TalkOptions): Promise<Talk>;
}

/** One way to treat the server badly. */
export interface HostileCase {
  readonly name: string;
  /** Longest time that the whole attack may take, seconds. */
  readonly secondsMax?: number;
  /** Server's CPU for it. */
  readonly cpuSecondsMax?: number;
  /** Growth of the server's resident memory at its highest. */
  readonly growthMibMax?: number;
  /** Mostly waits, so that it may run beside others of its kind; they share one count of cost. */
  readonly isPatient?: boolean;
  /** @returns what the server did, for the report. @throws Error when it was not what must be. */
  attack(target: Target): Promise<string>;
}

/** Listeners that begin with TLS. */
export const tlsProtocols = ["submissions", "pop3s", "imaps", "imaps-legacy", "https"] as const;

/** Mail listeners that begin in plain text. */
export const plainProtocols = ["smtp", "smtp-alt", "submission", "lmtp", "imap", "pop3"] as const;

export function createTarget(server: ServerProcess, ana: Person): Target {
  const tlsNames: readonly string[] = tlsProtocols;
  return {
    server,
    ana,
    connect: (protocol, options) =>
      Talk.connect(server.port(protocol), { isTls: tlsNames.includes(protocol), ...options }),
  };
}

/** The first words of a text, for a report of one line. */
export function brief(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length > 70 ? `${line.slice(0, 70)}…` : line;
}
