import type { Clock } from "../base/clock.ts";
import { asRefusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Endpoint, Network } from "../net/network.ts";
import type { Resolver } from "../net/resolver.ts";
import type { Consignment, Courier, RecipientOutcome } from "../queue/courier.ts";
import { findHostTargets, findTargets, type Targets } from "./client/find-targets.ts";
import { HostMemory } from "./client/host-memory.ts";
import { defaultClientLimits, type ClientLimits } from "./client/limits.ts";
import { nobody, OutcomeSheet } from "./client/outcome-sheet.ts";
import { orAbort } from "./client/or-abort.ts";
import { findRoute, findRouteBehind, type Route, type Routes } from "./client/routes.ts";
import { SessionPool } from "./client/session-pool.ts";
import { SessionTrouble } from "./client/session-trouble.ts";
import type { TlsPolicy } from "./client/tls-policy.ts";
import { requireTlsMissing, Visit } from "./client/visit.ts";

export interface SmtpCourierOptions {
  readonly network: Network;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Name that we give in EHLO. */
  readonly hostName: string;
  /** By destination; "*" is for all others. */
  readonly routes?: Routes;
  /** By the sender's domain. */
  readonly senderRoutes?: Routes;
  /** By the end of the best exchange's name. */
  readonly providerRoutes?: Routes;
  /** For hosts without a route of their own; opportunistic by default. */
  readonly tls?: TlsPolicy;
  /** Certificates to trust besides the system's, PEM. */
  readonly extraCa?: string;
  /** Port of exchanges, 25 by default. */
  readonly port?: number;
  /** Own address to send from, for hosts with several. */
  readonly localAddress?: string;
  /** Whether an endpoint is one of our own listeners; none is by default. */
  readonly isOwn?: (endpoint: Endpoint) => boolean;
  readonly limits?: Partial<ClientLimits>;
}

/** Carries mail to other servers by SMTP (RFC 5321). */
export function createSmtpCourier(options: SmtpCourierOptions): Courier {
  return new SmtpCourier(options);
}

class SmtpCourier implements Courier {
  readonly #options: SmtpCourierOptions;
  readonly #limits: ClientLimits;
  readonly #pool: SessionPool;
  readonly #withoutTls: HostMemory;
  readonly #unreachable: HostMemory;

  constructor(options: SmtpCourierOptions) {
    this.#options = options;
    this.#limits = { ...defaultClientLimits, ...options.limits };
    this.#pool = new SessionPool(options.clock, this.#limits);
    this.#withoutTls = new HostMemory(options.clock, this.#limits.plainAfterTlsFailureMs);
    this.#unreachable = new HostMemory(options.clock, this.#limits.lastAfterSilenceMs);
  }

  async carry(consignment: Consignment, signal: AbortSignal): Promise<readonly RecipientOutcome[]> {
    const sheet = new OutcomeSheet(consignment.recipients);
    try {
      await this.#tryTargets(consignment, sheet, signal);
    } catch (error) {
      // Nothing a remote does comes here: the message could not be read, or we have a bug.
      const { detail, message } = asRefusal(error);
      this.#options.log.write("error", "smtpClient.localFault", {
        queue: consignment.entry.id,
        detail: detail ?? message,
      });
      return sheet.finish({ code: 0, status: "4.3.0", text: "this server could not send it" });
    }
    return sheet.finish({ code: 0, status: "4.3.2", text: "this server is stopping" });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** By a fixed host where there is one, else by the exchanges, and then by who stands behind. */
  async #tryTargets(
    consignment: Consignment,
    sheet: OutcomeSheet,
    signal: AbortSignal,
  ): Promise<void> {
    const { destination, entry } = consignment;
    const trip = { consignment, sheet, signal };
    const known = findRoute(this.#options, destination, entry.message.sender);
    if (known !== undefined && known.isFallback !== true) return this.#visitRoute(known, trip);
    const found = await orAbort(findTargets(destination, this.#port, this.#finding()), signal);
    if (found === undefined) return;
    const exchange = found.kind === "found" ? found.targets[0]?.name : undefined;
    const route = known ?? findRouteBehind(this.#options, exchange);
    if (route !== undefined && route.isFallback !== true) return this.#visitRoute(route, trip);
    await this.#visitAll(found, undefined, trip);
    const isHopeless = found.kind === "none" && found.isPermanent;
    if (route === undefined || isHopeless || signal.aborted) return;
    sheet.reopenRefused();
    if (sheet.open.length > 0) await this.#visitRoute(route, trip);
  }

  get #port(): number {
    return this.#options.port ?? 25;
  }

  #finding() {
    const { isOwn = () => false } = this.#options;
    return { ...this.#options, limits: this.#limits, isOwn };
  }

  async #visitRoute(route: Route, trip: Trip): Promise<void> {
    const search = findHostTargets(route.host, route.port, this.#finding());
    const found = await orAbort(search, trip.signal);
    if (found !== undefined) await this.#visitAll(found, route, trip);
  }

  async #visitAll(found: Targets, route: Route | undefined, trip: Trip): Promise<void> {
    const { sheet, signal, consignment } = trip;
    if (found.kind === "none") {
      sheet.note(new SessionTrouble(found.facts, found.isPermanent), nobody);
      return;
    }
    if (consignment.entry.message.isTlsRequired === true && !found.isSecure) {
      const why = `DNSSEC does not vouch for the exchanges of ${consignment.destination}`;
      sheet.note(new SessionTrouble(requireTlsMissing(why), true), nobody);
      return;
    }
    // Hosts that were dead a moment ago come last, or each message would wait for them again.
    const [last, first] = [true, false].map((isDead) =>
      found.targets.filter((target) => this.#unreachable.has(target) === isDead),
    );
    for (const target of [...(first ?? []), ...(last ?? [])]) {
      if (signal.aborted || sheet.open.length === 0) return;
      await new Visit({
        ...this.#options,
        limits: this.#limits,
        pool: this.#pool,
        withoutTls: this.#withoutTls,
        unreachable: this.#unreachable,
        target,
        route,
        ...trip,
      }).go();
    }
  }
}

/** One message on its way in one attempt. */
interface Trip {
  readonly consignment: Consignment;
  readonly sheet: OutcomeSheet;
  readonly signal: AbortSignal;
}
