import { clientKey } from "../../net/networks.ts";

/** How long a failed login is held against a client, milliseconds. */
const rememberedMs = 10 * 60_000;
/** Clients that are remembered; the one that failed longest ago gives way. */
const clientsMax = 10_000;

/**
 * Failed logins by client (address or /64), over all its connections. Each makes its next attempts
 * wait longer, up to a bound: guessing becomes slow, and a person behind the same address as a
 * misconfigured machine can still log in.
 */
export class LoginFailures {
  readonly #pauseMs: number;
  readonly #pauseMsMax: number;
  readonly #byClient = new Map<string, { count: number; untilMs: number }>();

  constructor(pauseMs: number, pauseMsMax: number) {
    this.#pauseMs = pauseMs;
    this.#pauseMsMax = pauseMsMax;
  }

  /** How long an attempt from this address waits now. */
  pauseMs(address: string, nowMs: number): number {
    const found = this.#byClient.get(clientKey(address));
    if (found === undefined || found.untilMs <= nowMs) return 0;
    return Math.min(found.count * this.#pauseMs, this.#pauseMsMax);
  }

  note(address: string, nowMs: number): void {
    const client = clientKey(address);
    const before = this.#byClient.get(client);
    const count = before === undefined || before.untilMs <= nowMs ? 1 : before.count + 1;
    // Put at the end: a Map keeps the order, so the first is the one longest ago.
    this.#byClient.delete(client);
    this.#byClient.set(client, { count, untilMs: nowMs + rememberedMs });
    if (this.#byClient.size <= clientsMax) return;
    for (const oldest of this.#byClient.keys()) {
      this.#byClient.delete(oldest);
      return;
    }
  }
}
