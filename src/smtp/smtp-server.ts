import type { Authenticator, Recipients } from "../accounts/accounts.ts";
import type { Clock } from "../base/clock.ts";
import { asRefusal, Refusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Connection, TlsServerContext } from "../net/network.ts";
import { ConnectionLimits, defaultConnectionLimits } from "../protocol/limits.ts";
import { LoginGuard } from "../protocol/login-guard.ts";
import { Sessions } from "../protocol/sessions.ts";
import type { Store } from "../store/store.ts";
import type { ByteBudget } from "../protocol/byte-budget.ts";
import { commandsFor } from "./server/commands.ts";
import { formatReply } from "./grammar/reply.ts";
import { replyTo } from "./server/replies.ts";
import { serveSession } from "./server/serve-session.ts";
import type { SendingGuard } from "./sending-guard.ts";
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
  /** Whether a client may say for whom it speaks (XCLIENT, XFORWARD), by its address. */
  readonly maySpeakForOthers?: (address: string) => boolean;
  /** Whether VRFY and EXPN tell who may send anywhere about addresses here; nobody else ever. */
  readonly showsAddresses?: boolean;
  readonly limits?: Partial<SmtpLimits>;
  /** Shared by all doors of the process. */
  readonly budget: ByteBudget;
  /** Counts connections over all doors; its own by default. Trusted machines are not counted. */
  readonly connections?: ConnectionLimits;
  /** Slows down who guesses passwords, over all doors; its own by default. */
  readonly guard?: LoginGuard;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Counts what accounts send, over all doors; without it they may send any number. */
  readonly sending?: SendingGuard;
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
  const { clock, log } = options;
  const limits = { ...smtpLimits, ...options.limits };
  const connections = options.connections ?? new ConnectionLimits(defaultConnectionLimits);
  const closing = new AbortController();
  const sessions = new Sessions();
  const services: SmtpServices = {
    ...options,
    limits,
    rows: commandsFor(options.role),
    guard: options.guard ?? new LoginGuard({ clock }),
    sessions,
    closing: closing.signal,
  };

  async function serve(connection: Connection): Promise<void> {
    const { address } = connection.remote;
    try {
      if (closing.signal.aborted) throw closing.signal.reason;
      const isTrusted = options.mayRelay(address) || options.maySpeakForOthers?.(address) === true;
      using _admitted = isTrusted ? undefined : connections.admit(address);
      await serveSession(connection, services);
    } catch (error) {
      await turnAway(connection, asRefusal(error));
    }
  }

  async function turnAway(connection: Connection, refusal: Refusal): Promise<void> {
    const { reason } = refusal;
    log.write("warn", "smtp.turnedAway", { address: connection.remote.address, reason });
    // Words before TLS would only confuse.
    if (options.isImplicitTls === true) return connection.destroy();
    try {
      await connection.write(formatReply(replyTo(refusal)));
      await connection.end();
    } catch (error) {
      // Whoever is turned away may be gone already.
      log.write("debug", "smtp.turnedAwayLost", { detail: String(error) });
      connection.destroy();
    }
  }

  return {
    get sessionCount() {
      return sessions.count;
    },
    accept: (connection) => void serve(connection),
    async close(graceMs) {
      closing.abort(new Refusal("shuttingDown", "Shutting down; try later."));
      await sessions.end(clock, graceMs);
    },
  };
}
