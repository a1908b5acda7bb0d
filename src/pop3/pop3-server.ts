import type { Authenticator } from "../accounts/accounts.ts";
import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { MailService } from "../mailbox/account-mail.ts";
import type { Connection, TlsServerContext } from "../net/network.ts";
import { clientKey, isLoopback } from "../net/networks.ts";
import { type Pop3Limits, pop3Limits } from "./pop3-limits.ts";
import { commands } from "./server/commands.ts";
import { MaildropLocks } from "./server/maildrop-locks.ts";
import { formatRefusal } from "./server/replies.ts";
import { serveSession } from "./server/serve-session.ts";
import type { Pop3Services, Pop3Session } from "./server/session.ts";

export interface Pop3ServerOptions {
  readonly mail: MailService;
  readonly authenticator: Authenticator;
  /** Without it there is no STLS. */
  readonly tls?: TlsServerContext;
  /** From where a login is possible without TLS. */
  readonly plainTextLogin: "never" | "loopback" | "always";
  readonly limits?: Partial<Pop3Limits>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The POP3 door. It listens to nothing itself: whoever listens hands connections over. */
export interface Pop3Server {
  /**
   * Serves the connection to its end; never throws. `isImplicitTls` begins with the handshake
   * (port 995, RFC 8314 §3.3). All ports share one server, since the maildrop's lock lives in it.
   */
  accept(connection: Connection, options?: { readonly isImplicitTls?: boolean }): void;
  readonly sessionCount: number;
  /** Idle sessions end at once, the others after their command, and all after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export function createPop3Server(options: Pop3ServerOptions): Pop3Server {
  const limits = { ...pop3Limits, ...options.limits };
  const sessions = new Map<Pop3Session, Promise<void>>();
  const perClient = new Map<string, number>();
  const closing = new AbortController();
  const services: Pop3Services = {
    ...options,
    limits,
    locks: new MaildropLocks(),
    rows: commands,
    closing: closing.signal,
  };

  const isTooMany = (connection: Connection, client: string): boolean => {
    if (sessions.size >= limits.sessionsMax) return true;
    if (isLoopback(connection.remote.address)) return false;
    return (perClient.get(client) ?? 0) >= limits.sessionsPerClientMax;
  };

  return {
    get sessionCount() {
      return sessions.size;
    },
    accept(connection, { isImplicitTls = false } = {}) {
      const client = clientKey(connection.remote.address);
      if (closing.signal.aborted || isTooMany(connection, client)) {
        void turnAway(options.log, connection, closing.signal.aborted, isImplicitTls);
        return;
      }
      perClient.set(client, (perClient.get(client) ?? 0) + 1);
      const { session, done } = serveSession(connection, { ...services, isImplicitTls });
      const finished = done.finally(() => {
        sessions.delete(session);
        const left = (perClient.get(client) ?? 1) - 1;
        if (left > 0) perClient.set(client, left);
        else perClient.delete(client);
      });
      sessions.set(session, finished);
    },
    async close(graceMs) {
      closing.abort();
      const all = [...sessions.values()];
      for (const session of sessions.keys()) session.interrupt();
      const timer = options.clock.after(graceMs, () => {
        for (const session of sessions.keys()) session.wire.connection.destroy();
      });
      await Promise.all(all);
      timer.cancel();
    },
  };
}

async function turnAway(
  log: Log,
  connection: Connection,
  isClosing: boolean,
  isImplicitTls: boolean,
): Promise<void> {
  log.write("warn", "pop3.turnedAway", { address: connection.remote.address, isClosing });
  if (isImplicitTls) return connection.destroy(); // words before TLS would only confuse
  const refusal = isClosing
    ? new Refusal("shuttingDown", "Shutting down; try later.")
    : new Refusal("tooManyConnections", "Too many connections; try later.");
  try {
    await connection.write(formatRefusal(refusal));
    await connection.end();
  } catch (error) {
    // Whoever is turned away may be gone already.
    log.write("debug", "pop3.turnedAwayLost", { detail: String(error) });
    connection.destroy();
  }
}
