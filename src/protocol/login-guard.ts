import type { Clock } from "../base/clock.ts";
import { sleep } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import { clientKey, isLoopback } from "../net/networks.ts";

export interface LoginGuardOptions {
  readonly clock: Clock;
  /** Wrong logins of one client that cost it nothing: people mistype. */
  readonly freeFailures?: number;
  /** Wrong logins after which a client is refused until it has been quiet. */
  readonly failuresMax?: number;
}

interface Failures {
  count: number;
  lastMs: number;
}

const freeFailuresDefault = 3;
const failuresMaxDefault = 50;
/** First pause, doubled with each failure more. */
const firstPauseMs = 1_000;
const pauseMsMax = 30_000;
/** A failure is forgotten each time that so much has passed. */
const forgetMs = 60_000;
/** Clients remembered; with more, those who failed longest ago are forgotten. */
const clientsMax = 50_000;

/**
 * Slows down whoever guesses passwords, by address and over all doors and connections. A client
 * is an IPv4 address or an IPv6 /64. Loopback is never slowed: webmail and tests come from there.
 */
export class LoginGuard {
  readonly #clock: Clock;
  readonly #freeFailures: number;
  readonly #failuresMax: number;
  /** Least recently failed first. */
  readonly #clients = new Map<string, Failures>();

  constructor(options: LoginGuardOptions) {
    this.#clock = options.clock;
    this.#freeFailures = options.freeFailures ?? freeFailuresDefault;
    this.#failuresMax = options.failuresMax ?? failuresMaxDefault;
  }

  /** How long a login from the address has to wait now, milliseconds. */
  pauseMs(address: string): number {
    const excess = this.#failureCount(address) - this.#freeFailures;
    return excess <= 0 ? 0 : Math.min(pauseMsMax, firstPauseMs * 2 ** (excess - 1));
  }

  /**
   * Runs a login after the pause that the address has earned, and takes note of how it ends.
   * @throws Refusal `limit` for one who goes on and on; what `login` throws; the signal's reason.
   */
  async guard<Login>(
    address: string,
    login: () => Promise<Login>,
    signal?: AbortSignal,
  ): Promise<Login> {
    if (this.#failureCount(address) >= this.#failuresMax) {
      throw new Refusal("limit", "Too many failed logins from your address; try again later.");
    }
    const pauseMs = this.pauseMs(address);
    if (pauseMs > 0) await sleep(this.#clock, pauseMs, signal);
    try {
      // A good login clears nothing: who has one account could guess at the others for ever.
      return await login();
    } catch (error) {
      if (error instanceof Refusal && error.reason === "loginFailed") this.#note(address);
      throw error;
    }
  }

  #note(address: string): void {
    if (isLoopback(address)) return;
    const count = Math.min(this.#failuresMax, this.#failureCount(address) + 1);
    const key = clientKey(address);
    this.#clients.delete(key);
    this.#clients.set(key, { count, lastMs: this.#clock.monotonicMs() });
    for (const oldest of this.#clients.keys()) {
      if (this.#clients.size <= clientsMax) break;
      this.#clients.delete(oldest);
    }
  }

  #failureCount(address: string): number {
    const failures = this.#clients.get(clientKey(address));
    if (failures === undefined) return 0;
    const forgotten = Math.floor((this.#clock.monotonicMs() - failures.lastMs) / forgetMs);
    return Math.max(0, failures.count - forgotten);
  }
}
