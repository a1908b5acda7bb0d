import { ConnectionLost, Refusal } from "../../base/faults.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { Connection, Network } from "../../net/network.ts";
import type { Consignment } from "../../queue/courier.ts";
import { ClientSession } from "./client-session.ts";
import type { Target } from "./find-targets.ts";
import type { ClientLimits } from "./limits.ts";
import type { HostMemory } from "./host-memory.ts";
import { logIn } from "./log-in.ts";
import { planMessage } from "./message-plan.ts";
import { openSession } from "./open-session.ts";
import { orAbort } from "./or-abort.ts";
import { nobody, type OutcomeSheet } from "./outcome-sheet.ts";
import type { Route } from "./routes.ts";
import type { SessionPool } from "./session-pool.ts";
import { isSuccess, refusedBy, SessionTrouble, TlsTrouble, trouble } from "./session-trouble.ts";
import type { TroubleFacts } from "./session-trouble.ts";
import type { TlsPolicy } from "./tls-policy.ts";
import { runTransaction } from "./transaction.ts";

export interface VisitOptions {
  readonly network: Network;
  readonly random: Random;
  readonly log: Log;
  readonly hostName: string;
  readonly tls?: TlsPolicy;
  readonly extraCa?: string;
  readonly localAddress?: string;
  readonly limits: ClientLimits;
  readonly pool: SessionPool;
  /** Hosts that offered TLS and could not do it. */
  readonly withoutTls: HostMemory;
  /** Hosts that no connection could be made to. */
  readonly unreachable: HostMemory;
  readonly target: Target;
  readonly route: Route | undefined;
  readonly consignment: Consignment;
  readonly sheet: OutcomeSheet;
  readonly signal: AbortSignal;
}

/** RFC 8689 §4.2.1: a message that needs TLS all the way does not go where that is not sure. */
export function requireTlsMissing(why: string): TroubleFacts {
  return { code: 0, status: "5.7.30", text: `the message needs REQUIRETLS: ${why}` };
}

/** One host asked to take one message: an open session to it is used again, or a new one made. */
export class Visit {
  readonly #options: VisitOptions;
  readonly #tls: TlsPolicy;
  /** Sessions that are alike: same host, same protection, same login. */
  readonly #key: string;
  #session: ClientSession | undefined;

  constructor(options: VisitOptions) {
    const { target, route } = options;
    const { isTlsRequired } = options.consignment.entry.message;
    const usual =
      route?.tls ?? (route?.credentials ? "verified" : (options.tls ?? "opportunistic"));
    // RFC 8689 §4.2.1: the certificate must be the host's, whatever policy says.
    const wanted = isTlsRequired === true ? "verified" : usual;
    const isPlain = wanted === "opportunistic" && options.withoutTls.has(target);
    this.#options = options;
    this.#tls = isPlain ? "off" : wanted;
    this.#key = [
      target.name,
      target.address,
      target.port,
      this.#tls,
      route?.credentials?.user ?? "",
    ].join(" ");
  }

  /**
   * Settles on the sheet whom the host answered for. Why it could not be used, if it could not,
   * is noted there too; who is left open may be tried elsewhere.
   * @throws only for what is not the remote's doing.
   */
  async go(): Promise<void> {
    const { sheet, signal, target } = this.#options;
    const abort = () => this.#session?.destroy();
    signal.addEventListener("abort", abort);
    try {
      await this.#openOrReuse();
      await this.#transact();
    } catch (error) {
      if (!(error instanceof SessionTrouble)) {
        this.#session?.destroy();
        throw error;
      }
      sheet.note(error, this.#session ?? nobody);
      if (error instanceof TlsTrouble) this.#options.withoutTls.remember(target);
      this.#log(error);
      if (this.#session !== undefined) this.#options.pool.retire(this.#session);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async #openOrReuse(): Promise<void> {
    const { pool, limits } = this.#options;
    for (let idle = pool.take(this.#key); idle !== undefined; idle = pool.take(this.#key)) {
      this.#session = idle;
      try {
        const answer = await idle.command("RSET", limits.commandTimeoutMs);
        if (isSuccess(answer)) return;
      } catch (error) {
        // It was closed meanwhile, as servers do with idle sessions.
        if (!(error instanceof SessionTrouble)) throw error;
      }
      idle.destroy();
      this.#session = undefined;
    }
    await this.#open();
  }

  async #open(): Promise<void> {
    const { target, route, hostName, limits, extraCa, random } = this.#options;
    const connection = await this.#connect();
    const session = new ClientSession(connection, target.name, limits);
    this.#session = session;
    await openSession(session, {
      hostName,
      serverName: target.name,
      tls: this.#tls,
      isImplicitTls: route?.isImplicitTls === true,
      extraCa,
    });
    // RFC 5321 §5.1: a host found by name that turns out to be ourselves would send it round.
    if (route === undefined && session.remoteName === hostName.toLowerCase()) {
      const text = `mail for ${this.#options.consignment.destination} loops back to this server`;
      throw new SessionTrouble({ code: 0, status: "5.4.6", text }, true);
    }
    if (route?.credentials !== undefined) await logIn(session, route.credentials, random);
  }

  async #connect(): Promise<Connection> {
    const { network, target, limits, localAddress, signal, unreachable } = this.#options;
    try {
      const connecting = network.connect({
        address: target.address,
        port: target.port,
        timeoutMs: limits.connectTimeoutMs,
        // An own address of the other family cannot be used: the system chooses one then.
        ...(localAddress?.includes(":") === target.address.includes(":") && { localAddress }),
      });
      const connection = await orAbort(connecting, signal, (late) => late.destroy());
      if (connection !== undefined) {
        unreachable.forget(target);
        return connection;
      }
    } catch (error) {
      unreachable.remember(target);
      const host = `${target.name} (${target.address}) port ${target.port}`;
      if (error instanceof ConnectionLost) throw trouble("4.4.1", `${host}: ${error.message}`);
      if (error instanceof Refusal && error.reason === "timeout") {
        const seconds = Math.round(limits.connectTimeoutMs / 1000);
        throw trouble("4.4.1", `${host}: no connection within ${seconds} seconds`);
      }
      throw error;
    }
    throw trouble("4.3.2", "this server is stopping");
  }

  async #transact(): Promise<void> {
    const { consignment, sheet, pool, limits, signal } = this.#options;
    const session = this.#session;
    if (session === undefined) return;
    if (consignment.entry.message.isTlsRequired === true && !session.extensions.requireTls) {
      throw new SessionTrouble(requireTlsMissing("the server does not have it"), true);
    }
    const plan = await planMessage({
      consignment,
      recipients: sheet.open,
      extensions: session.extensions,
      rewriteBytesMax: limits.rewriteBytesMax,
    });
    if (plan.kind === "refuse") {
      sheet.fail(sheet.open, plan.facts, session);
      pool.put(this.#key, session);
      return;
    }
    for (const { recipient, facts } of plan.refused) sheet.fail([recipient], facts, session);
    const groupMax = Math.min(
      limits.recipientsPerTransactionMax,
      session.extensions.recipientsMax ?? Number.POSITIVE_INFINITY,
    );
    let waiting = sheet.open;
    for (let isFirst = true; waiting.length > 0 && !signal.aborted; isFirst = false) {
      if (!isFirst) {
        const answer = await session.command("RSET", limits.commandTimeoutMs);
        if (!isSuccess(answer)) throw refusedBy(answer);
      }
      const recipients = waiting.slice(0, groupMax);
      const again = await runTransaction({ session, plan, recipients, sheet });
      waiting = [...again, ...waiting.slice(groupMax)];
    }
    pool.put(this.#key, session);
  }

  #log(error: SessionTrouble): void {
    const { log, consignment, target } = this.#options;
    log.write("info", "smtpClient.trouble", {
      queue: consignment.entry.id,
      host: target.name,
      address: target.address,
      code: error.facts.code,
      status: error.facts.status,
      text: error.facts.text,
    });
  }
}
