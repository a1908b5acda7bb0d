import type { Authenticator } from "../accounts/accounts.ts";
import type { Clock } from "../base/clock.ts";
import type { AccountId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { MailService } from "../mailbox/account-mail.ts";
import type { Connection, TlsServerContext } from "../net/network.ts";
import { ByteBudget } from "./server/byte-budget.ts";
import { capabilitiesOf } from "./server/capabilities.ts";
import { commandRows } from "./server/command-rows.ts";
import { imapDialect } from "./server/dialect.ts";
import { defaultImapLimits, type ImapLimits } from "./server/limits.ts";
import type { ImapServices, PlainTextLogin, Session } from "./server/session.ts";
import { clientKey, isLoopback } from "../net/networks.ts";
import { interrupt, serveSession, turnAway } from "./server/serve-session.ts";

export type { ImapLimits, PlainTextLogin };
export { defaultImapLimits };

export interface ImapServerOptions {
  readonly mail: MailService;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Without it there is no STARTTLS and no implicit TLS. */
  readonly tls?: TlsServerContext;
  /** From where passwords are taken without TLS. */
  readonly plainTextLogin: PlainTextLogin;
  readonly limits?: Partial<ImapLimits>;
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

export function createImapServer(options: ImapServerOptions): ImapServer {
  const limits = { ...defaultImapLimits, ...options.limits };
  const services: ImapServices = {
    ...options,
    limits,
    tls: options.tls,
    capabilities: capabilitiesOf(commandRows),
    budget: new ByteBudget(limits.literalsInFlightBytesMax),
    sessionCounts: new Map<AccountId, number>(),
  };
  const dialect = imapDialect(limits.errorsMax);
  const sessions = new Map<Session, Promise<void>>();
  const perClient = new Map<string, number>();
  let isClosing = false;

  const isTooMany = ({ remote }: Connection, client: string): boolean => {
    if (sessions.size >= limits.sessionsMax) return true;
    if (isLoopback(remote.address)) return false;
    return (perClient.get(client) ?? 0) >= limits.sessionsPerClientMax;
  };

  return {
    get sessionCount() {
      return sessions.size;
    },
    async serve(connection, { isImplicitTls = false } = {}) {
      const client = clientKey(connection.remote.address);
      if (isClosing || isTooMany(connection, client)) {
        return turnAway(connection, services, isClosing || isImplicitTls);
      }
      perClient.set(client, (perClient.get(client) ?? 0) + 1);
      const { session, done } = serveSession(connection, services, dialect, isImplicitTls);
      sessions.set(session, done);
      await done;
      sessions.delete(session);
      const left = (perClient.get(client) ?? 1) - 1;
      if (left > 0) perClient.set(client, left);
      else perClient.delete(client);
    },
    async close(graceMs) {
      isClosing = true;
      const all = [...sessions.values()];
      for (const session of sessions.keys()) interrupt(session);
      const timer = options.clock.after(graceMs, () => {
        for (const session of sessions.keys()) session.wire.connection.destroy();
      });
      await Promise.all(all);
      timer.cancel();
    },
  };
}
