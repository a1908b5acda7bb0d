import type { Authenticator } from "../accounts/accounts.ts";
import type { Clock } from "../base/clock.ts";
import { asRefusal, Refusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { MailService } from "../mailbox/account-mail.ts";
import type { Removal } from "../mailbox/fetch-preferences.ts";
import type { Connection, TlsServerContext } from "../net/network.ts";
import { ConnectionLimits, defaultConnectionLimits } from "../protocol/limits.ts";
import { LoginGuard } from "../protocol/login-guard.ts";
import { Sessions } from "../protocol/sessions.ts";
import { type Pop3Limits, pop3Limits } from "./pop3-limits.ts";
import { commands } from "./server/commands.ts";
import { maildropAuthority } from "./server/maildrop-authority.ts";
import { formatRefusal } from "./server/replies.ts";
import { serveSession } from "./server/serve-session.ts";
import type { Pop3Services } from "./server/session.ts";

export interface Pop3ServerOptions {
  readonly mail: MailService;
  readonly authenticator: Authenticator;
  /** Without it there is no STLS. */
  readonly tls?: TlsServerContext;
  /** From where a login is possible without TLS. */
  readonly plainTextLogin: "never" | "loopback" | "always";
  /**
   * Whether what a client has fetched counts as read for IMAP and the web; false by default. An
   * account may want this and the next otherwise (`mailbox/fetch-preferences.ts`).
   */
  readonly marksSeen?: boolean;
  /** What DELE does with messages at QUIT; "delete" by default. */
  readonly removal?: Removal;
  readonly limits?: Partial<Pop3Limits>;
  /** Counts connections over all doors; its own by default. */
  readonly connections?: ConnectionLimits;
  /** Shared with other doors, so that guessing at several is slowed too; its own by default. */
  readonly guard?: LoginGuard;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The POP3 door. It listens to nothing itself: whoever listens hands connections over. */
export interface Pop3Server {
  /**
   * Serves the connection to its end; never throws. `isImplicitTls` begins with the handshake
   * (port 995, RFC 8314 §3.3).
   */
  accept(connection: Connection, options?: { readonly isImplicitTls?: boolean }): void;
  readonly sessionCount: number;
  /** Idle sessions end at once, the others after their command, and all after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export function createPop3Server(options: Pop3ServerOptions): Pop3Server {
  const limits = { ...pop3Limits, ...options.limits };
  const { clock, log } = options;
  const connections = options.connections ?? new ConnectionLimits(defaultConnectionLimits);
  const closing = new AbortController();
  const services: Pop3Services = {
    ...options,
    limits,
    authority: maildropAuthority(options.authenticator),
    marksSeen: options.marksSeen ?? false,
    removal: options.removal ?? "delete",
    guard: options.guard ?? new LoginGuard({ clock }),
    sessions: new Sessions(),
    rows: commands,
    closing: closing.signal,
  };

  async function serve(connection: Connection, isImplicitTls: boolean): Promise<void> {
    try {
      using _admitted = connections.admit(connection.remote.address);
      await serveSession(connection, services, isImplicitTls);
    } catch (error) {
      await turnAway(connection, asRefusal(error), isImplicitTls);
    }
  }

  async function turnAway(connection: Connection, refusal: Refusal, isImplicitTls: boolean) {
    const { reason } = refusal;
    log.write("warn", "pop3.turnedAway", { address: connection.remote.address, reason });
    if (isImplicitTls) return connection.destroy(); // words before TLS would only confuse
    try {
      await connection.write(formatRefusal(refusal));
      await connection.end();
    } catch (error) {
      // Whoever is turned away may be gone already.
      log.write("debug", "pop3.turnedAwayLost", { detail: String(error) });
      connection.destroy();
    }
  }

  return {
    get sessionCount() {
      return services.sessions.count;
    },
    accept: (connection, { isImplicitTls = false } = {}) => void serve(connection, isImplicitTls),
    async close(graceMs) {
      closing.abort(new Refusal("shuttingDown", "Shutting down; try later."));
      await services.sessions.end(clock, graceMs);
    },
  };
}
