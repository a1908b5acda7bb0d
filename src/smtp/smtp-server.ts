import type { Authenticator, Recipients } from "../accounts/accounts.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Connection, TlsServerContext } from "../net/network.ts";
import { clientKey, isLoopback } from "../net/networks.ts";
import type { Store } from "../store/store.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { commandsFor } from "./server/commands.ts";
import { formatReply, reply } from "./grammar/reply.ts";
import { LoginFailures } from "./server/login-failures.ts";
import { serveSession } from "./server/serve-session.ts";
import type { SmtpSession } from "./server/session.ts";
import type { SmtpServices } from "./server/services.ts";
import { type SmtpLimits, smtpLimits } from "./smtp-limits.ts";

/**
 * What a door is for: mail from other servers, from our users' programs, from both (a port for
 * networks that block 25: who logs in may send anywhere, others only to us), or from a filter.
 */
export type SmtpRole = "mx" | "submission" | "both" | "lmtp";

export interface SmtpServerOptions {
  readonly role: SmtpRole;
  /** Our name in the greeting and in Received. */
  readonly hostName: string;
  /** Where mail for "<Postmaster>" without a domain goes (RFC 5321 §4.1.1.3). */
  readonly postmaster: string;
  /** Without it there is no STARTTLS. */
  readonly tls?: TlsServerContext;
  /** TLS from the first byte (RFC 8314 §3.3); needs `tls`. */
  readonly isImplicitTls?: boolean;
  /** From where AUTH is offered without TLS. */
  readonly plainTextLogin: "never" | "loopback" | "always";
  /** Whether a client may relay without a login, by its address. Never for LMTP. */
  readonly mayRelay: (address: string) => boolean;
  readonly limits?: Partial<SmtpLimits>;
  /** Shared by all doors of the process. */
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly authenticator: Authenticator;
  readonly recipients: Recipients;
  readonly store: Pick<Store, "apply" | "mail">;
  readonly delivery: Delivery;
}

/** One door. It listens to nothing itself: whoever listens hands connections over. */
export interface SmtpServer {
  /** Serves the connection to its end; never throws. */
  accept(connection: Connection): void;
  readonly sessionCount: number;
  /**
   * Idle sessions get 421 and end; those with a command or message under way finish it first, and
   * are cut off after `graceMs`.
   */
  close(graceMs: number): Promise<void>;
}

export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  const limits = { ...smtpLimits, ...options.limits };
  const sessions = new Map<SmtpSession, Promise<void>>();
  const perClient = new Map<string, number>();
  const closing = new AbortController();
  const services: SmtpServices = {
    ...options,
    limits,
    rows: commandsFor(options.role),
    loginFailures: new LoginFailures(limits.loginErrorPauseMs, limits.loginPauseMsMax),
    closing: closing.signal,
  };

  const isTooMany = (connection: Connection, client: string): boolean => {
    if (sessions.size >= limits.sessionsMax) return true;
    const { address } = connection.remote;
    const isExempt = isLoopback(address) || options.mayRelay(address);
    return !isExempt && (perClient.get(client) ?? 0) >= limits.sessionsPerClientMax;
  };

  return {
    get sessionCount() {
      return sessions.size;
    },
    accept(connection) {
      const client = clientKey(connection.remote.address);
      if (closing.signal.aborted || isTooMany(connection, client)) {
        turnAway(options.log, connection, closing.signal.aborted);
        return;
      }
      perClient.set(client, (perClient.get(client) ?? 0) + 1);
      const { session, done } = serveSession(connection, services);
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

function turnAway(log: Log, connection: Connection, isClosing: boolean): void {
  const { address } = connection.remote;
  log.write("warn", "smtp.turnedAway", { address, isClosing });
  const answer = isClosing
    ? reply(421, "4.3.2", "Shutting down; try later.")
    : reply(421, "4.7.0", "Too many connections; try later.");
  void sayAndEnd(connection, formatReply(answer), log);
}

async function sayAndEnd(connection: Connection, words: string, log: Log): Promise<void> {
  try {
    await connection.write(words);
    await connection.end();
  } catch (error) {
    // Whoever is turned away may be gone already.
    log.write("debug", "smtp.turnedAwayLost", { detail: String(error) });
    connection.destroy();
  }
}
