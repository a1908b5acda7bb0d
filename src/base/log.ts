/** How loud an event is: `error` needs a person, `warn` may, `info` tells the story. */
export type Level = "error" | "warn" | "info" | "debug";

/** Facts of an event: plain data without secrets. */
export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Where events go. Event names are `room.whatHappened`, listed in docs/events.md. Passwords,
 * message text and SASL payloads never appear in facts.
 */
export interface Log {
  write(level: Level, event: string, facts?: LogFacts): void;
}

/** Throws every event away: for tests. */
export const silentLog: Log = { write: () => undefined };
