import type { Authenticator } from "../accounts/accounts.ts";
import type { Clock } from "../base/clock.ts";
import type { AccountId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { MailService } from "../mailbox/account-mail.ts";
import type { Connection, TlsServerContext } from "../net/network.ts";
import { LoginGuard } from "../protocol/login-guard.ts";
import { Sessions } from "../protocol/sessions.ts";
import { Wire } from "../protocol/wire.ts";
import { ByteBudget } from "../protocol/byte-budget.ts";
import { ConnectionLimits, defaultConnectionLimits } from "../protocol/limits.ts";
import { asRefusal } from "../base/faults.ts";
import { capabilitiesOf } from "./server/capabilities.ts";
import { commandRows } from "./server/command-rows.ts";
import { imapDialect } from "./server/dialect.ts";
import { defaultImapLimits, type ImapLimits } from "./server/limits.ts";
import type { ImapServices, PlainTextLogin } from "./server/session.ts";
import { serveSession, turnAway } from "./server/serve-session.ts";

export type { ImapLimits, PlainTextLogin };
export { defaultImapLimits };

export interface ImapServerOptions {
  readonly mail: MailService;
  readonly authenticator: Authenticator;
  /** Slows down who guesses passwords; give the same to all doors. */
  readonly guard?: LoginGuard;
  /** Counts connections over all doors; its own by default. */
  readonly connections?: ConnectionLimits;
  /** Bytes that messages on their way in may take over all doors; its own by default. */
  readonly budget?: ByteBudget;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Without it there is no STARTTLS and no implicit TLS. */
  readonly tls?: TlsServerContext;
  /** From where passwords are taken without TLS. */
  readonly plainTextLogin: PlainTextLogin;
  readonly limits?: Partial<ImapLimits>;
  /**
   * Capabilities that are not offered: commands that stand for nothing else are unknown. RFC 8437
   * §8 wants UNAUTHENTICATE off behind a proxy that looks at the first login only.
   */
  readonly withoutCapabilities?: ReadonlySet<string>;
}

/** IMAP for any number of listeners. It listens to nothing itself. */
export interface ImapServer {
  /**
   * Serves a connection from greeting to end; never rejects.
   * `isImplicitTls`: TLS comes first (RFC 8314 §3.2); needs `tls`.
   */
  serve(connection: Connection, options?: { readonly isImplicitTls?: boolean }): Promise<void>;
  readonly sessionCount: number;
  /**
   * Sessions that wait for a command get BYE and end; the others finish the command at hand
   * first, and are cut off after `graceMs`.
   */
  close(graceMs: number): Promise<void>;
}

/** Bytes of literals on their way in, for a door by itself. */
const literalBytesMax = 256 * 1024 * 1024;

export function createImapServer(options: ImapServerOptions): ImapServer {
  const limits = { ...defaultImapLimits, ...options.limits };
  const without = options.withoutCapabilities ?? new Set();
  const rows = commandRows.filter(
    ({ capabilities: words }) => words.length === 0 || words.some((word) => !without.has(word)),
  );
  const services: ImapServices = {
    ...options,
    limits,
    tls: options.tls,
    guard: options.guard ?? new LoginGuard({ clock: options.clock }),
    capabilities: capabilitiesOf(rows, without),
    budget: options.budget ?? new ByteBudget(literalBytesMax),
    sessionCounts: new Map<AccountId, number>(),
  };
  const dialect = imapDialect(limits.errorsMax, rows);
  const sessions = new Sessions();
  const connections = options.connections ?? new ConnectionLimits(defaultConnectionLimits);
  let isClosing = false;

  return {
    get sessionCount() {
      return sessions.count;
    },
    async serve(connection, { isImplicitTls = false } = {}) {
      if (isClosing) return turnAway(connection, services, true);
      try {
        using _admitted = connections.admit(connection.remote.address);
        const wire = new Wire(connection);
        using _entry = sessions.enter(wire);
        await serveSession(wire, services, dialect, isImplicitTls);
      } catch (error) {
        const { reason } = asRefusal(error);
        if (reason !== "tooManyConnections") throw error;
        await turnAway(connection, services, isImplicitTls);
      }
    },
    async close(graceMs) {
      isClosing = true;
      await sessions.end(options.clock, graceMs);
    },
  };
}
