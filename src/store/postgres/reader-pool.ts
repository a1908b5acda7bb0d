import type { Clock } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import { Connection, type ConnectionOptions, type Parameter } from "./connection.ts";
import { retryRead } from "./connector.ts";
import type { Row } from "./rows.ts";
import type { Statement } from "./statement.ts";

export interface ReaderPoolOptions {
  readonly connection: ConnectionOptions;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly connectionsMax: number;
}

/** Answers single statements. */
export interface ReaderPool {
  /** @throws Refusal `unavailable` when the database does not come back in time. */
  query(query: Statement, parameters?: readonly Parameter[]): Promise<readonly Row[]>;
}

/**
 * Connections that only run single statements, each of which sees one committed state. A query
 * takes an idle connection, a new one, or else the one with the fewest queries before it.
 */
export class ConnectionPool implements ReaderPool {
  readonly #options: ReaderPoolOptions;
  #open: Connection[] = [];
  #opening = 0;
  #closed: Refusal | undefined;

  constructor(options: ReaderPoolOptions) {
    this.#options = options;
  }

  query(query: Statement, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
    const { clock, patienceMs } = this.#options;
    return retryRead(clock, patienceMs, async () => {
      const connection = await this.#take();
      return connection.query(query, parameters);
    });
  }

  async close(): Promise<void> {
    this.#closed ??= new Refusal("shuttingDown", "The server is stopping.");
    await Promise.all(this.#open.splice(0).map((connection) => connection.close()));
  }

  crash(): void {
    this.#closed = new Refusal("unavailable", "The store has crashed.");
    for (const connection of this.#open.splice(0)) connection.destroy();
  }

  async #take(): Promise<Connection> {
    if (this.#closed !== undefined) throw this.#closed;
    this.#open = this.#open.filter((connection) => !connection.isLost);
    let best: Connection | undefined;
    for (const connection of this.#open) {
      if (best === undefined || connection.inFlight < best.inFlight) best = connection;
    }
    const isFull = this.#open.length + this.#opening >= this.#options.connectionsMax;
    if (best !== undefined && (best.inFlight === 0 || isFull)) return best;
    this.#opening++;
    try {
      const connection = await Connection.open(this.#options.connection);
      this.#open.push(connection);
      if (this.#closed !== undefined) await connection.close();
      return connection;
    } finally {
      this.#opening--;
    }
  }
}
