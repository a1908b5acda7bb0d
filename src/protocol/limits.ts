import { Refusal } from "../base/faults.ts";
import { clientKey, isLoopback } from "../net/networks.ts";

export interface ConnectionLimitOptions {
  /** Connections at once in all. */
  readonly connectionsMax: number;
  /** Connections at once from one IPv4 address or IPv6 /64; loopback is free. */
  readonly perClientMax: number;
}

/** For a door by itself. */
export const defaultConnectionLimits: ConnectionLimitOptions = {
  connectionsMax: 5_000,
  perClientMax: 50,
};

/** Counts the connections of all doors, in all and per client. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitOptions;
  readonly #perClient = new Map<string, number>();
  #count = 0;

  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts a connection in until it is disposed of. Memory is bounded by the connections.
   * @throws Refusal `tooManyConnections`, for the door to say in its own words.
   */
  admit(address: string): Disposable {
    const { connectionsMax, perClientMax } = this.#options;
    if (this.#count >= connectionsMax) {
      throw new Refusal("tooManyConnections", "The server has too many connections; try later.");
    }
    const client = clientKey(address);
    const ofClient = this.#perClient.get(client) ?? 0;
    if (ofClient >= perClientMax && !isLoopback(address)) {
      throw new Refusal("tooManyConnections", "Too many connections from your address; try later.");
    }
    this.#count++;
    this.#perClient.set(client, ofClient + 1);
    let isCounted = true;
    return {
      [Symbol.dispose]: () => {
        if (!isCounted) return;
        isCounted = false;
        this.#leave(client);
      },
    };
  }

  #leave(client: string): void {
    this.#count--;
    const left = (this.#perClient.get(client) ?? 1) - 1;
    if (left > 0) this.#perClient.set(client, left);
    else this.#perClient.delete(client);
  }
}
