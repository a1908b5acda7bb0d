import type { Clock } from "../../base/clock.ts";
import { sleep } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { faultOf } from "./database-faults.ts";

/** Between two tries to connect, or to do again what lost against another commit. */
export const retryMs = 200;

/** A connection that is made when it is needed, and made again after it was lost. */
export class Connector {
  readonly #options: ConnectionOptions;
  #connection: Promise<Connection> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  async get(): Promise<Connection> {
    const asked = this.#connection;
    const known = await asked?.catch(() => undefined);
    if (known !== undefined && !known.isLost) return known;
    // Somebody else may have seen the same and be making it: two would be one too many.
    if (this.#connection !== asked) return this.get();
    this.#connection = Connection.open(this.#options);
    return this.#connection;
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    await connection?.close();
  }

  destroy(): void {
    this.#connection?.then((connection) => connection.destroy(), ignoreNotOpened);
    this.#connection = undefined;
  }
}

/**
 * Runs something that only reads, again while the connection is lost, for at most `patienceMs`.
 * @throws Refusal `unavailable`.
 */
export async function retryRead<Answer>(
  clock: Clock,
  patienceMs: number,
  read: () => Promise<Answer>,
): Promise<Answer> {
  const untilMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const fault = faultOf(error);
      if (fault !== "connectionLost" && fault !== "conflict") throw error;
      if (clock.monotonicMs() >= untilMs) throw unavailable(error);
    }
    await sleep(clock, retryMs);
  }
}

export function unavailable(error: unknown): Refusal {
  return new Refusal("unavailable", "The store cannot answer now.", String(error));
}

/** It never was open. */
function ignoreNotOpened(): void {}
